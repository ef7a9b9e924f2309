/** A binary heap of numbered items, least key first; an item may be in it more than once. */
export interface Heap {
  size(): number;
  push(key: number, item: number): void;
  /** Key of the first item; only when there is one. */
  firstKey(): number;
  /** Takes the first item; only when there is one. */
  pop(): number;
  clear(): void;
}

/** Gives an empty heap that grows as needed. */
export function createHeap(capacity = 256): Heap {
  let keys = new Float64Array(capacity);
  let items = new Int32Array(capacity);
  let size = 0;

  const grow = (): void => {
    const [oldKeys, oldItems] = [keys, items];
    keys = new Float64Array(oldKeys.length * 2);
    keys.set(oldKeys);
    items = new Int32Array(oldItems.length * 2);
    items.set(oldItems);
  };
  return {
    size: () => size,
    firstKey: () => keys[0]!,
    push(key, item) {
      if (size === keys.length) grow();
      let at = size++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (keys[parent]! <= key) break;
        keys[at] = keys[parent]!;
        items[at] = items[parent]!;
        at = parent;
      }
      keys[at] = key;
      items[at] = item;
    },
    pop() {
      const first = items[0]!;
      const key = keys[--size]!;
      const item = items[size]!;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && keys[child + 1]! < keys[child]!) child++;
        if (keys[child]! >= key) break;
        keys[at] = keys[child]!;
        items[at] = items[child]!;
        at = child;
      }
      keys[at] = key;
      items[at] = item;
      return first;
    },
    clear() {
      size = 0;
    },
  };
}
