import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDelayed } from './delayed.ts';
import { createDueHeap } from './due-heap.ts';

const times = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 });

test('the heap gives devices in order of time, then of number, also when they are put back', () => {
  fc.assert(
    fc.property(times, times, (first, again) => {
      const heap = createDueHeap(first.length);
      first.forEach((dueMs, device) => heap.add(device, dueMs));
      const taken: [number, number][] = [];
      for (let turn = 0; heap.first() >= 0; turn++) {
        const device = heap.first();
        const dueMs = heap.dueMs(device);
        taken.push([dueMs, device]);
        if (turn < again.length) heap.moveFirst(dueMs + again[turn]!);
        else heap.dropFirst();
      }
      expect(taken).toEqual(taken.toSorted(([a, i], [b, j]) => a - b || i - j));
      expect(taken).toHaveLength(first.length + Math.min(again.length, taken.length - first.length));
    }),
  );
});

test('what is delayed comes in order of time, then of adding', () => {
  fc.assert(
    fc.property(times, (due) => {
      const delayed = createDelayed<number>();
      due.forEach((dueMs, order) => delayed.add(dueMs, order));
      const taken = due.map(() => [delayed.nextMs(), delayed.take()] as const);
      expect(taken).toEqual(
        due.map((dueMs, order) => [dueMs, order] as const).sort(([a, i], [b, j]) => a - b || i - j),
      );
      expect([delayed.nextMs(), delayed.size]).toEqual([Infinity, 0]);
    }),
  );
});
