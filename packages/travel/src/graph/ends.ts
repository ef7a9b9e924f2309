import type { Hierarchy } from '../hierarchy/hierarchy.ts';
import type { Seeds } from '../hierarchy/upward-search.ts';
import { CLOSED, partOf } from '../hierarchy/weight.ts';
import type { TravelOptions } from '../port.ts';
import type { OnSection } from './section-index.ts';
import type { Topology, Weighted } from './weigh.ts';

/** Where a stop lies on the graph: a place on a section, and the arcs by which it may be reached and left. */
export interface Landing {
  section: number;
  /** From the start of the section, 0 … 1. */
  fraction: number;
  arcs: number[];
}

/** Turns places on sections into beginnings and ends of searches. */
export interface Ends {
  /** One can get to the section and away again. */
  isUsable(section: number): boolean;
  land(place: OnSection, approach: TravelOptions['approach']): Landing;
  sourceSeeds(landing: Landing | undefined): Seeds;
  targetSeeds(landing: Landing | undefined): Seeds;
  /** Weight from one place to another farther along the same arc; Infinity when it does not lie ahead. */
  along(from: Landing, to: Landing): number;
  /** The arc by which `along` goes. */
  arcAlong(from: Landing, to: Landing): number | undefined;
  /** The arc of a landing by which a found path begins at this search node, or ends at it. */
  firstArc(landing: Landing, node: number): number | undefined;
  lastArc(landing: Landing, node: number): number | undefined;
}

/** A stop nearer to the middle of the street than this has no side. */
const NO_SIDE_M = 1;

/** Gives the ends of searches on a weighted graph. */
export function createEnds({ graph, search, drivingSide }: Topology, weighted: Weighted, hierarchy: Hierarchy): Ends {
  const { arcWeight, links, isConnected } = weighted;
  const extra = extraStates(search.arcOf, graph.arcFrom.length);
  const statesOf = (arc: number): readonly number[] => extra.get(arc) ?? [arc];

  const isUsableArc = (arc: number): boolean => {
    if (arc < 0 || arcWeight[arc] === CLOSED) return false;
    if (!search.arcOf) return isConnected[graph.arcFrom[arc]!] === 1 && isConnected[graph.arcTo[arc]!] === 1;
    return leads(arc) && statesOf(arc).some((state) => isConnected[state]);
  };
  const leads = (arc: number): boolean => {
    for (let link = links.start[arc]!; link < links.start[arc + 1]!; link++)
      if (isConnected[links.to[link]!]) return true;
    return false;
  };
  const usableArcs = (section: number): number[] =>
    [graph.forwardArc[section]!, graph.backwardArc[section]!].filter(isUsableArc);
  const fractionOn = (arc: number, { section, fraction }: Landing): number =>
    graph.forwardArc[section] === arc ? fraction : 1 - fraction;
  const before = (arc: number, landing: Landing): number => partOf(arcWeight[arc]!, fractionOn(arc, landing));

  const leaving = (landing: Landing): { node: number; weight: number; arc: number }[] =>
    landing.arcs.flatMap((arc) => {
      const rest = arcWeight[arc]! - before(arc, landing);
      if (!search.arcOf) return [{ node: graph.arcTo[arc]!, weight: rest, arc }];
      const ways = [];
      for (let link = links.start[arc]!; link < links.start[arc + 1]!; link++)
        ways.push({ node: links.to[link]!, weight: rest + links.weight[link]!, arc });
      return ways;
    });
  // the arc of the target counts as driven to its end: what lies behind the stop is taken off again
  const arriving = (landing: Landing): { node: number; weight: number; arc: number }[] =>
    landing.arcs.flatMap((arc) =>
      search.arcOf
        ? statesOf(arc).map((node) => ({ node, weight: before(arc, landing) - arcWeight[arc]!, arc }))
        : [{ node: graph.arcFrom[arc]!, weight: before(arc, landing), arc }],
    );
  const arcAlong = (from: Landing, to: Landing): number | undefined =>
    from.arcs.find((arc) => to.arcs.includes(arc) && fractionOn(arc, to) >= fractionOn(arc, from));

  return {
    isUsable: (section) => usableArcs(section).length > 0,
    land({ section, fraction, rightM }, approach) {
      const arcs = usableArcs(section);
      const isTwoWay = arcs.length === 2;
      if (approach !== 'kerb' || !isTwoWay || Math.abs(rightM) < NO_SIDE_M) return { section, fraction, arcs };
      const isAhead = rightM > 0 === (drivingSide === 'right');
      return { section, fraction, arcs: [isAhead ? graph.forwardArc[section]! : graph.backwardArc[section]!] };
    },
    sourceSeeds: (landing) => toSeeds(landing ? leaving(landing) : [], hierarchy),
    targetSeeds: (landing) => toSeeds(landing ? arriving(landing) : [], hierarchy),
    along(from, to) {
      const arc = arcAlong(from, to);
      return arc === undefined ? Infinity : before(arc, to) - before(arc, from);
    },
    arcAlong,
    firstArc: (landing, node) => least(leaving(landing), node),
    lastArc: (landing, node) => least(arriving(landing), node),
  };
}

function least(ways: { node: number; weight: number; arc: number }[], node: number): number | undefined {
  return ways.filter((way) => way.node === node).sort((a, b) => a.weight - b.weight)[0]?.arc;
}

function toSeeds(ways: { node: number; weight: number }[], { rankOf }: Hierarchy): Seeds {
  return {
    count: ways.length,
    rank: Int32Array.from(ways, ({ node }) => rankOf[node]!),
    weight: Float64Array.from(ways, ({ weight }) => weight),
  };
}

/** All search nodes of an arc, for arcs that have more than one. */
function extraStates(arcOf: Int32Array | undefined, arcs: number): Map<number, number[]> {
  const extra = new Map<number, number[]>();
  for (let state = arcs; state < (arcOf?.length ?? 0); state++) {
    const arc = arcOf![state]!;
    const known = extra.get(arc);
    if (known) known.push(state);
    else extra.set(arc, [arc, state]);
  }
  return extra;
}
