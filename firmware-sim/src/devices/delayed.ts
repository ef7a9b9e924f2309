/** Things to be done later, in order of time; equal times in the order in which they were added. */
export interface Delayed<T> {
  add(dueMs: number, item: T): void;
  /** Infinity when there is nothing. */
  nextMs(): number;
  take(): T;
  readonly size: number;
}

interface Entry<T> {
  dueMs: number;
  order: number;
  item: T;
}

/** Makes an empty queue. */
export function createDelayed<T>(): Delayed<T> {
  const heap: Entry<T>[] = [];
  let order = 0;
  const before = (a: Entry<T>, b: Entry<T>): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
  return {
    get size() {
      return heap.length;
    },
    nextMs: () => heap[0]?.dueMs ?? Infinity,
    add(dueMs, item) {
      const entry = { dueMs, order: order++, item };
      let at = heap.push(entry) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && before(entry, heap[parent]!); parent = (at - 1) >> 1) {
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = entry;
    },
    take() {
      const first = heap[0]!;
      const moving = heap.pop()!;
      if (heap.length === 0) return first.item;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
        if (!before(heap[child]!, moving)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = moving;
      return first.item;
    },
  };
}
