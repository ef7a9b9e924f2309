import { expect, test } from 'vitest';
import { createBreath } from './breath.ts';

test('work that has gone on for long gives way to what waits, and short work does not', async () => {
  const order: string[] = [];
  const never = createBreath(Infinity);
  const always = createBreath(0);
  setImmediate(() => order.push('other'));
  await never();
  order.push('short');
  await always();
  order.push('long');
  expect(order).toEqual(['short', 'other', 'long']);
  expect(never()).toBeUndefined();
});

test('after giving way the work counts anew', async () => {
  const breathe = createBreath(10);
  const startMs = performance.now();
  let pause: Promise<void> | undefined;
  while (pause === undefined && performance.now() - startMs < 10_000) pause = breathe();
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(10);
  await pause;
});

test('of several that gave way one goes on in each turn', async () => {
  const order: string[] = [];
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++)
      await new Promise((resolve) => setImmediate(() => resolve(order.push('turn'))));
  };
  const work = async (name: string): Promise<void> => {
    await createBreath(0)();
    order.push(name);
  };
  await Promise.all([work('a'), work('b'), work('c'), turns()]);
  expect(order).toEqual(['a', 'turn', 'b', 'turn', 'c', 'turn']);
});
