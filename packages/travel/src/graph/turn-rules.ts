import type { RoadNetwork } from '../osm/network.ts';
import type { Moment, Profile } from '../profiles/index.ts';
import type { BuiltGraph } from './build-graph.ts';
import { reverseOf } from './road-graph.ts';

/**
 * A turn restriction on the arcs of a graph: after driving `prefix` in order, the next arc must not be one of `targets`, or,
 * with `only`, must be.
 */
export interface TurnRule {
  prefix: number[];
  targets: number[];
  only: boolean;
  /** Index of the restriction and the value by which it is in force. */
  restriction: number;
  value: string;
  /** In force at every hour. */
  isLasting: boolean;
}

/** Tells whether a rule is in force; without a moment, one that is in force at some hour counts. */
export function isInForce(
  rule: TurnRule,
  at: Moment | undefined,
  { network, profile }: { network: RoadNetwork; profile: Profile },
): boolean {
  if (rule.isLasting || at === undefined) return true;
  return profile.turnRule(network.restrictions[rule.restriction]!.tags, at) === rule.value;
}

/** Finds the arcs that each restriction speaks of. What cannot be followed on the graph (a closed via) forbids nothing. */
export function turnRules(
  network: RoadNetwork,
  profile: Profile,
  { built, moments }: { built: BuiltGraph; moments: Moment[] },
): TurnRule[] {
  return network.restrictions.flatMap((restriction, index): TurnRule[] => {
    const values = new Set(moments.map((at) => profile.turnRule(restriction.tags, at)));
    return [...values].flatMap((value): TurnRule[] => {
      if (value === undefined) return [];
      const [restrictionFrom, restrictionTo] = [restriction.from, restriction.to];
      const paths = 'node' in restriction.via ? [] : viaPaths(network, built, restriction.via.ways);
      const start = 'node' in restriction.via ? [built.vertexOf[restriction.via.node]!] : paths.map(({ from }) => from);
      return start.flatMap((vertex, which): TurnRule[] => {
        if (vertex < 0) return [];
        const path = paths[which];
        const end = path ? path.to : vertex;
        const targets = outOf(built, end).filter((arc) => restrictionTo.includes(wayAtStart(built, arc)));
        const prefixes = intoOf(built, vertex).filter((arc) => restrictionFrom.includes(wayAtEnd(built, arc)));
        if (targets.length === 0) return [];
        return prefixes.map((arc) => ({
          prefix: [arc, ...(path?.arcs ?? [])],
          targets,
          only: value.startsWith('only_'),
          restriction: index,
          value,
          isLasting: values.size === 1,
        }));
      });
    });
  });
}

interface ViaPath {
  from: number;
  to: number;
  arcs: number[];
}

/** The ways from one end to the other over the via ways in order, in both directions where both are open. */
function viaPaths({ wayStart, wayNodes }: RoadNetwork, built: BuiltGraph, ways: number[]): ViaPath[] {
  const ends = (way: number): [number, number] => [
    built.vertexOf[wayNodes[wayStart[way]!]!]!,
    built.vertexOf[wayNodes[wayStart[way + 1]! - 1]!]!,
  ];
  return ends(ways[0]!).flatMap((from): ViaPath[] => {
    const arcs: number[] = [];
    let at = from;
    for (const way of ways) {
      const [a, b] = ends(way);
      const goal = at === a ? b : at === b ? a : -1;
      const part = goal < 0 ? undefined : along(built, { way, at, goal });
      if (!part) return [];
      arcs.push(...part);
      at = goal;
    }
    return [{ from, to: at, arcs }];
  });
}

/** Follows one way from end to end; undefined where it is closed in this direction. */
function along(built: BuiltGraph, { way, at, goal }: { way: number; at: number; goal: number }): number[] | undefined {
  const arcs: number[] = [];
  while (at !== goal) {
    const back = arcs.length > 0 ? reverseOf(built.graph, arcs.at(-1)!) : -1;
    const next = outOf(built, at).find(
      (arc) => arc !== back && wayAtStart(built, arc) === way && wayAtEnd(built, arc) === way && !arcs.includes(arc),
    );
    if (next === undefined) return undefined;
    arcs.push(next);
    at = built.graph.arcTo[next]!;
  }
  return arcs;
}

function outOf({ graph }: BuiltGraph, vertex: number): number[] {
  return [...graph.outArcs.subarray(graph.outStart[vertex], graph.outStart[vertex + 1])];
}

function intoOf({ graph }: BuiltGraph, vertex: number): number[] {
  const arcs: number[] = [];
  // arcs in are the other directions of arcs out, and one-way streets that end here
  for (let arc = 0; arc < graph.arcTo.length; arc++) if (graph.arcTo[arc] === vertex) arcs.push(arc);
  return arcs;
}

function wayAtStart({ graph, ways }: BuiltGraph, arc: number): number {
  const section = graph.arcSection[arc]!;
  return graph.forwardArc[section] === arc ? ways.first[section]! : ways.last[section]!;
}

function wayAtEnd({ graph, ways }: BuiltGraph, arc: number): number {
  const section = graph.arcSection[arc]!;
  return graph.forwardArc[section] === arc ? ways.last[section]! : ways.first[section]!;
}
