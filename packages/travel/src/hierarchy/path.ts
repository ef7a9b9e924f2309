import type { Hierarchy, RankedLinks } from './hierarchy.ts';
import { createUpwardSearch, type Seeds, type UpwardSearch } from './upward-search.ts';

/** A fastest path: nodes of the search graph from a seed of the source to a seed of the target. */
export interface FoundPath {
  weight: number;
  nodes: number[];
}

/** Gives a search for single paths; its arrays are used again by every search. */
export function createPathSearch(hierarchy: Hierarchy): (source: Seeds, target: Seeds) => FoundPath | undefined {
  const ahead = createUpwardSearch(hierarchy.up, hierarchy.down);
  const back = createUpwardSearch(hierarchy.down, hierarchy.up);
  const fromTarget = new Float64Array(hierarchy.nodes).fill(Infinity);
  return (source, target) => {
    const foundBack = back.run(target);
    for (let i = 0; i < foundBack; i++) fromTarget[back.settled[i]!] = back.distance[back.settled[i]!]!;
    const foundAhead = ahead.run(source);
    let weight = Infinity;
    let meeting = -1;
    for (let i = 0; i < foundAhead; i++) {
      const rank = ahead.settled[i]!;
      const whole = ahead.distance[rank]! + fromTarget[rank]!;
      if (whole < weight) [weight, meeting] = [whole, rank];
    }
    for (let i = 0; i < foundBack; i++) fromTarget[back.settled[i]!] = Infinity;
    return meeting < 0 ? undefined : { weight, nodes: unpack(hierarchy, { ahead, back, meeting }) };
  };
}

function unpack(
  hierarchy: Hierarchy,
  { ahead, back, meeting }: { ahead: UpwardSearch; back: UpwardSearch; meeting: number },
): number[] {
  const ranks = [meeting];
  for (let r = ahead.parent[meeting]!; r >= 0; r = ahead.parent[r]!) ranks.push(r);
  ranks.reverse();
  const climbed = ranks.length;
  for (let r = back.parent[meeting]!; r >= 0; r = back.parent[r]!) ranks.push(r);
  const path = [ranks[0]!];
  for (let i = 1; i < ranks.length; i++)
    expand(hierarchy, { from: ranks[i - 1]!, to: ranks[i]!, climbs: i < climbed }, path);
  return path.map((r) => hierarchy.nodeOf[r]!);
}

interface Step {
  from: number;
  to: number;
  /** Towards the more important end. */
  climbs: boolean;
}

/** Appends what lies behind a link, its end included, without recursion: shortcuts nest deeply. */
function expand({ up, down }: Hierarchy, first: Step, path: number[]): void {
  const waiting = [first];
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    const mid = step.climbs ? midOf(up, step.from, step.to) : midOf(down, step.to, step.from);
    if (mid < 0) {
      path.push(step.to);
      continue;
    }
    // the node in between is less important than both ends
    waiting.push({ from: mid, to: step.to, climbs: true }, { from: step.from, to: mid, climbs: false });
  }
}

function midOf({ start, other, mid }: RankedLinks, low: number, high: number): number {
  for (let i = start[low]!; i < start[low + 1]!; i++) if (other[i] === high) return mid[i]!;
  throw new Error('a shortcut goes over a link that does not exist');
}
