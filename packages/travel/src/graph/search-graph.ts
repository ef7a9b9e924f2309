import { createInt32List } from '../osm/network.ts';
import type { RoadNetwork } from '../osm/network.ts';
import type { Profile } from '../profiles/index.ts';
import { reverseOf, type RoadGraph } from './road-graph.ts';
import { turnAngle } from './turn-angle.ts';
import type { TurnRule } from './turn-rules.ts';

/**
 * What paths are searched on. With turn rules a node is an arc of the road graph just driven, together with the restrictions
 * that were begun on the way there, so that every rule is obeyed whatever path leads to it; without them (on foot) a node is
 * a vertex.
 */
export interface SearchGraph {
  nodes: number;
  /** Road arc just driven by node; undefined where nodes are vertices. Node a < number of arcs is arc a with nothing begun. */
  arcOf: Int32Array | undefined;
  /** Links of node v: start[v] … start[v+1]-1. */
  start: Int32Array;
  to: Int32Array;
  /** Road arc that a link drives. */
  drives: Int32Array;
  /** Milliseconds for the turn, without the arc. */
  turnMs: Int32Array;
  /** Index into `bans` of the rules that forbid the link when in force, or -1. */
  ban: Int32Array;
  bans: TurnRule[][];
}

/** Makes the graph that paths are searched on. */
export function buildSearchGraph(
  network: RoadNetwork,
  profile: Profile,
  { graph, rules }: { graph: RoadGraph; rules: TurnRule[] },
): SearchGraph {
  return profile.turnS ? arcBased(network, profile, { graph, rules }) : vertexBased(graph);
}

function vertexBased(graph: RoadGraph): SearchGraph {
  const { outStart: start, outArcs: drives } = graph;
  const none = new Int32Array(drives.length);
  const to = drives.map((arc) => graph.arcTo[arc]!);
  return {
    nodes: graph.vertices,
    arcOf: undefined,
    start,
    to,
    drives,
    turnMs: none,
    ban: none.slice().fill(-1),
    bans: [],
  };
}

/** A restriction begun: the first `done` arcs of its prefix have been driven. */
interface Begun {
  rule: TurnRule;
  done: number;
}

function arcBased(
  network: RoadNetwork,
  profile: Profile,
  { graph, rules }: { graph: RoadGraph; rules: TurnRule[] },
): SearchGraph {
  const states = createStates(graph.arcFrom.length);
  const beginsAt = new Map<number, Begun[]>();
  for (const rule of rules) {
    const first = rule.prefix[0]!;
    beginsAt.set(first, [...(beginsAt.get(first) ?? []), { rule, done: 1 }]);
  }
  const turnCost = createTurnCosts(network, profile, graph);
  const links = {
    start: createInt32List(),
    to: createInt32List(),
    drives: createInt32List(),
    turnMs: createInt32List(),
  };
  const ban = createInt32List();
  const bans: TurnRule[][] = [];
  // states are found while links are made: those of longer restrictions come after all arcs
  for (let state = 0; state < states.count(); state++) {
    links.start.push(links.to.length());
    const arc = states.arcOf(state);
    const begun = [...(beginsAt.get(arc) ?? []), ...states.begunOf(state)];
    const vertex = graph.arcTo[arc]!;
    for (let i = graph.outStart[vertex]!; i < graph.outStart[vertex + 1]!; i++) {
      const next = graph.outArcs[i]!;
      const forbidding = begun.filter((one) => forbids(one, next));
      if (forbidding.some(({ rule }) => rule.isLasting)) continue;
      const goesOn = begun
        .filter(({ rule, done }) => rule.prefix[done] === next)
        .map(({ rule, done }) => ({ rule, done: done + 1 }));
      links.to.push(states.of(next, goesOn));
      links.drives.push(next);
      links.turnMs.push(turnCost(arc, next));
      ban.push(forbidding.length === 0 ? -1 : bans.push(forbidding.map(({ rule }) => rule)) - 1);
    }
  }
  links.start.push(links.to.length());
  return {
    nodes: states.count(),
    arcOf: states.arcs(),
    start: links.start.done(),
    to: links.to.done(),
    drives: links.drives.done(),
    turnMs: links.turnMs.done(),
    ban: ban.done(),
    bans,
  };
}

/** Tells whether a restriction begun forbids driving on over an arc. */
function forbids({ rule, done }: Begun, next: number): boolean {
  if (done === rule.prefix.length) return rule.targets.includes(next) !== rule.only;
  // whoever has entered the way in between must go the way that is prescribed
  return rule.only && done > 1 && rule.prefix[done] !== next;
}

function createStates(arcs: number) {
  const known = new Map<string, number>();
  const extraArc: number[] = [];
  const extraBegun: Begun[][] = [];
  const ids = new Map<TurnRule, number>();
  const keyOf = (arc: number, begun: Begun[]): string =>
    `${arc}:${begun
      .map(({ rule, done }) => {
        if (!ids.has(rule)) ids.set(rule, ids.size);
        return `${ids.get(rule)}/${done}`;
      })
      .sort()
      .join(',')}`;
  return {
    count: () => arcs + extraArc.length,
    arcOf: (state: number): number => (state < arcs ? state : extraArc[state - arcs]!),
    begunOf: (state: number): Begun[] => (state < arcs ? [] : extraBegun[state - arcs]!),
    of(arc: number, begun: Begun[]): number {
      if (begun.length === 0) return arc;
      const key = keyOf(arc, begun);
      const state = known.get(key);
      if (state !== undefined) return state;
      extraArc.push(arc);
      extraBegun.push(begun);
      known.set(key, arcs + extraArc.length - 1);
      return arcs + extraArc.length - 1;
    },
    arcs: (): Int32Array =>
      Int32Array.from({ length: arcs + extraArc.length }, (_, s) => (s < arcs ? s : extraArc[s - arcs]!)),
  };
}

function createTurnCosts(
  network: RoadNetwork,
  profile: Profile,
  graph: RoadGraph,
): (arc: number, next: number) => number {
  const reverseMs = Math.round(profile.reverseS * 1000);
  const angleOf = turnAngle(network, graph);
  const meeting = new Int32Array(graph.vertices);
  for (let section = 0; section < graph.forwardArc.length; section++) {
    const arc = Math.max(graph.forwardArc[section]!, graph.backwardArc[section]!);
    meeting[graph.arcFrom[arc]!]!++;
    meeting[graph.arcTo[arc]!]!++;
  }
  return (arc, next) => {
    if (reverseOf(graph, arc) === next) return reverseMs;
    // a bend is no turn: nobody gives way there
    return meeting[graph.arcTo[arc]!]! < 3 ? 0 : Math.round(profile.turnS!(angleOf(arc, next)) * 1000);
  };
}
