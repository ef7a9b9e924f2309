/** Whose turn it is next: one place for each device, ordered by time, then by number. Memory: 12 bytes a device. */
export interface DueHeap {
  /** Device that is due first; -1 = nobody. */
  first(): number;
  dueMs(device: number): number;
  add(device: number, dueMs: number): void;
  /** Gives the first device its next time. */
  moveFirst(dueMs: number): void;
  dropFirst(): void;
}

/** Makes the heap for so many devices, with nobody in it. */
export function createDueHeap(devices: number): DueHeap {
  const due = new Float64Array(devices);
  const heap = new Int32Array(devices);
  let size = 0;
  const before = (a: number, b: number): boolean => due[a]! < due[b]! || (due[a] === due[b] && a < b);
  const sink = (): void => {
    let at = 0;
    const moving = heap[0]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, moving)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moving;
  };
  return {
    first: () => (size === 0 ? -1 : heap[0]!),
    dueMs: (device) => due[device]!,
    add(device, dueMs) {
      due[device] = dueMs;
      let at = size++;
      for (let parent = (at - 1) >> 1; at > 0 && before(device, heap[parent]!); parent = (at - 1) >> 1) {
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = device;
    },
    moveFirst(dueMs) {
      due[heap[0]!] = dueMs;
      sink();
    },
    dropFirst() {
      size -= 1;
      if (size <= 0) return;
      heap[0] = heap[size]!;
      sink();
    },
  };
}
