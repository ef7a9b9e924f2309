import { expect, test } from 'vitest';
import { createBackPressure } from './back-pressure.ts';

/** A pipeline that handles `batch` frames at each of these points of every 20 ms, and so many messages waiting. */
function world({ batch = 100, lag = 0, at = [0, 10] } = {}) {
  const state = { nowMs: 0, lag };
  const pressure = createBackPressure(
    () => state.lag,
    () => state.nowMs,
  );
  const run = (ms: number): void => {
    const endMs = state.nowMs + ms;
    for (let next = Math.floor(state.nowMs) + 1; next <= endMs; next++) {
      state.nowMs = next;
      if (at.includes(next % 20)) pressure.handled(batch);
    }
    state.nowMs = endMs;
  };
  /** A commit of so many frames; gives how long it waited. */
  const commit = (frames: number): number => {
    const waitedMs = pressure.waitMs();
    run(waitedMs);
    pressure.taken(frames);
    return waitedMs;
  };
  return { run, commit, state };
}

/** Frames that are let in within a second, in commits of so many that take a millisecond each. */
function intakeOf({ run, commit, state }: ReturnType<typeof world>, frames: number): number {
  const endMs = state.nowMs + 1_000;
  let taken = 0;
  for (; state.nowMs < endMs; taken += frames) {
    commit(frames);
    run(1);
  }
  return taken;
}

test('a short queue slows nothing down', () => {
  const { run, commit } = world({ lag: 1_000 });
  run(500);
  expect(Array.from({ length: 50 }, () => commit(1_000))).toEqual(Array(50).fill(0));
});

test.each([
  ['even batches', [0, 10]],
  ['batches that come in pairs', [0, 1]],
])('with a long queue less is let in than is handled, and not much less: %s', (_, at) => {
  const pressed = world({ lag: 50_000, at });
  pressed.run(2_000);
  const taken = intakeOf(pressed, 200);
  expect(taken).toBeLessThan(9_000);
  expect(taken).toBeGreaterThan(7_000);
});

test('with a queue of middling length about as much is let in as is handled', () => {
  const pressed = world({ lag: 3_200 });
  pressed.run(2_000);
  const taken = intakeOf(pressed, 200);
  expect(taken).toBeLessThan(11_500);
  expect(taken).toBeGreaterThan(8_500);
});

test('light traffic beside a long queue does not wait', () => {
  const { run, commit } = world({ lag: 500_000 });
  run(500);
  for (let i = 0; i < 50; i++) {
    run(20);
    expect(commit(4)).toBe(0);
  }
});

test('while nothing can be stored everything is let in at once', () => {
  const { run, commit, state } = world({ lag: 50_000 });
  run(500);
  commit(1_000);
  expect(commit(1_000)).toBeGreaterThan(0);
  state.nowMs += 1_001;
  expect(commit(1_000)).toBe(0);
  expect(commit(1_000)).toBe(0);
});

test('after calm hours a burst is not held back by how little came before', () => {
  const { run, commit, state } = world({ batch: 1 });
  run(5_000);
  state.lag = 20_000;
  expect(commit(1_000)).toBe(0);
  expect(commit(1_000)).toBe(0);
});

test('no commit waits longer than a second', () => {
  const { run, commit } = world({ batch: 1, lag: 50_000 });
  run(500);
  commit(1_000);
  expect(commit(1_000)).toBe(1_000);
});
