import { weightOf } from './hierarchy/weight.ts';
import { reverseOf } from './graph/road-graph.ts';
import { turnAngle } from './graph/turn-angle.ts';
import type { TurnRule } from './graph/turn-rules.ts';
import type { Topology, Weighted } from './graph/weigh.ts';

/**
 * Plain Dijkstra over arcs that knows turn restrictions only as they are written: it remembers the last arcs driven and reads
 * every rule against them. Shares neither search nodes, nor hierarchy, nor seeds with what it checks.
 * @returns weights from the end of an arc, driven as the first one, to the end of every other
 */
export function plainDijkstra(
  { graph, network, profile }: Topology,
  rules: TurnRule[],
  weighted: Pick<Weighted, 'arcWeight'> & { mayReverse(arc: number): boolean },
): (start: number) => Map<number, number> {
  const angleOf = turnAngle(network, graph);
  const degree = new Map<number, number>();
  for (let section = 0; section < graph.forwardArc.length; section++) {
    const arc = graph.forwardArc[section]! >= 0 ? graph.forwardArc[section]! : graph.backwardArc[section]!;
    for (const vertex of [graph.arcFrom[arc]!, graph.arcTo[arc]!]) degree.set(vertex, (degree.get(vertex) ?? 0) + 1);
  }
  const memory = Math.max(1, ...rules.map(({ prefix }) => prefix.length));
  const byLast = new Map<number, TurnRule[]>();
  for (const rule of rules) for (const arc of new Set(rule.prefix)) byLast.set(arc, [...(byLast.get(arc) ?? []), rule]);

  const isForbidden = (driven: number[], next: number): boolean =>
    (byLast.get(driven.at(-1)!) ?? []).some(({ prefix, targets, only }) => {
      for (let done = 1; done <= Math.min(prefix.length, driven.length); done++) {
        const tail = driven.slice(-done);
        if (!tail.every((arc, i) => arc === prefix[i])) continue;
        if (done === prefix.length && targets.includes(next) !== only) return true;
        if (done < prefix.length && done > 1 && only && next !== prefix[done]) return true;
      }
      return false;
    });
  const turnMs = (arc: number, next: number): number => {
    if (reverseOf(graph, arc) === next) return Math.round(profile.reverseS * 1000);
    return degree.get(graph.arcTo[arc]!)! < 3 ? 0 : Math.round((profile.turnS?.(angleOf(arc, next)) ?? 0) * 1000);
  };

  return (start) => {
    const best = new Map<string, number>();
    const ends = new Map<number, number>();
    const queue: { weight: number; driven: number[] }[] = [{ weight: 0, driven: [start] }];
    while (queue.length > 0) {
      const { weight, driven } = pop(queue);
      const arc = driven.at(-1)!;
      if (weight > (best.get(driven.join()) ?? Infinity)) continue;
      if (weight < (ends.get(arc) ?? Infinity)) ends.set(arc, weight);
      const vertex = graph.arcTo[arc]!;
      for (let i = graph.outStart[vertex]!; i < graph.outStart[vertex + 1]!; i++) {
        const next = graph.outArcs[i]!;
        if (weighted.arcWeight[next] === Infinity || isForbidden(driven, next)) continue;
        if (reverseOf(graph, arc) === next && !weighted.mayReverse(arc)) continue;
        const through = weight + weightOf(turnMs(arc, next), 0) + weighted.arcWeight[next]!;
        // no more is remembered than the rules that the last arc belongs to can need
        const keep = byLast.has(next) ? memory : 1;
        const remembered = [...driven, next].slice(-keep);
        const key = remembered.join();
        if (through >= (best.get(key) ?? Infinity)) continue;
        best.set(key, through);
        push(queue, { weight: through, driven: remembered });
      }
    }
    return ends;
  };
}

interface Entry {
  weight: number;
  driven: number[];
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.weight <= heap[at]!.weight) break;
    [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
    at = parent;
  }
}

function pop(heap: Entry[]): Entry {
  const [first] = heap;
  const last = heap.pop()!;
  if (heap.length === 0) return first!;
  heap[0] = last;
  for (let at = 0; ;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2])
      if (child < heap.length && heap[child]!.weight < heap[least]!.weight) least = child;
    if (least === at) return first!;
    [heap[least], heap[at]] = [heap[at]!, heap[least]!];
    at = least;
  }
}
