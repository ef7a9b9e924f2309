import { expect, test } from 'vitest';
import { createBackPressure } from './back-pressure.ts';

/** A pipeline that handles `batch` frames every 10 ms, and so many messages waiting. */
function world({ batch = 100, lag = 0 } = {}) {
  const state = { nowMs: 0, lag };
  const pressure = createBackPressure(
    () => state.lag,
    () => state.nowMs,
  );
  const handle = (times: number): void => {
    for (let i = 0; i < times; i++) {
      state.nowMs += 10;
      pressure.handled(batch);
    }
  };
  return { ...pressure, handle, state };
}

/** Frames that are let in within a second, in commits of so many. */
function intakeOf({ delayMs, handle, state }: ReturnType<typeof world>, frames: number): number {
  const startMs = state.nowMs;
  let taken = 0;
  for (let at = startMs; at < startMs + 1_000; taken += frames) {
    handle(Math.floor((at - state.nowMs) / 10));
    at = Math.max(at, state.nowMs) + delayMs(frames) + 1;
  }
  return taken;
}

test('a short queue slows nothing down', () => {
  const { handle, delayMs } = world({ lag: 1_000 });
  handle(10);
  expect(Array.from({ length: 50 }, () => delayMs(1_000))).toEqual(Array(50).fill(0));
});

test('with a long queue less is let in than is handled, and not much less', () => {
  const pressed = world({ lag: 50_000 });
  pressed.handle(50);
  const taken = intakeOf(pressed, 200);
  expect(taken).toBeLessThan(10_000);
  expect(taken).toBeGreaterThan(5_000);
});

test('with a queue of middling length about as much is let in as is handled', () => {
  const pressed = world({ lag: 3_200 });
  pressed.handle(50);
  const taken = intakeOf(pressed, 200);
  expect(taken).toBeLessThan(11_500);
  expect(taken).toBeGreaterThan(8_500);
});

test('light traffic beside a long queue does not wait', () => {
  const { handle, delayMs, state } = world({ lag: 500_000 });
  handle(50);
  for (let i = 0; i < 50; i++) {
    handle(2);
    expect(delayMs(4)).toBe(0);
  }
  expect(state.nowMs).toBe(1_500);
});

test('while nothing can be stored everything is let in at once', () => {
  const { handle, delayMs, state } = world({ lag: 50_000 });
  handle(50);
  delayMs(1_000);
  expect(delayMs(1_000)).toBeGreaterThan(0);
  state.nowMs += 1_001;
  expect(delayMs(1_000)).toBe(0);
  expect(delayMs(1_000)).toBe(0);
});

test('after calm hours a burst is not held back by how little came before', () => {
  const { handle, delayMs, state } = world({ batch: 1 });
  handle(500);
  state.lag = 20_000;
  expect(delayMs(1_000)).toBe(0);
  expect(delayMs(1_000)).toBe(0);
});

test('no commit waits longer than a second', () => {
  const { handle, delayMs } = world({ batch: 1, lag: 50_000 });
  handle(50);
  delayMs(1_000);
  expect(delayMs(1_000)).toBe(1_000);
});
