import { expect, test } from 'vitest';
import { createSteadyTime } from './clock.ts';

const HOUR_MS = 3_600_000;

/** A host whose clock can be set, and the platform's time on it. */
function host() {
  let wallMs = Date.UTC(2026, 0, 5, 6);
  let monotonicMs = 1_000;
  const time = createSteadyTime(
    () => wallMs,
    () => monotonicMs,
  );
  return {
    time,
    wall: () => wallMs,
    pass(ms: number): void {
      wallMs += ms;
      monotonicMs += ms;
    },
    set: (byMs: number): void => void (wallMs += byMs),
  };
}

test('it is the time of the host, and follows it forward at once', () => {
  const { time, wall, pass, set } = host();
  pass(12_345);
  expect(time()).toBe(wall());
  set(24 * HOUR_MS);
  expect(time()).toBe(wall());
});

test('a host that is set back an hour makes time slow, never run back, until both are the same', () => {
  const { time, wall, pass, set } = host();
  const before = time();
  set(-HOUR_MS);
  expect(time()).toBe(before);
  pass(1_000);
  expect(time()).toBe(before + 500);
  pass(HOUR_MS);
  expect(time()).toBeGreaterThan(wall());
  pass(HOUR_MS);
  expect(time()).toBe(wall());
  pass(1_000);
  expect(time()).toBe(wall());
});

test('a host that was a day ahead and is put right is followed', () => {
  const { time, wall, set } = host();
  time();
  set(-24 * HOUR_MS);
  expect(time()).toBe(wall());
});
