import { expect, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

const START_MS = Date.parse('2026-11-22T09:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

function clockAt(initialMs: number) {
  let localMs = initialMs;
  const clock = createServerClock(
    () => localMs,
    () => 42,
  );
  return { clock, pass: (ms: number) => (localMs += ms) };
}

test('before any sample the clock shows the host time', () => {
  expect(clockAt(0).clock.nowMs()).toBe(42);
});

test('after one sample the clock runs on at local speed', () => {
  const { clock, pass } = clockAt(1000);
  clock.observe(iso(START_MS));
  pass(5000);
  expect(clock.nowMs()).toBe(START_MS + 5000);
});

test('two samples teach a clock that runs 60 times faster, jitter included', () => {
  const { clock, pass } = clockAt(0);
  clock.observe(iso(START_MS));
  pass(1040); // 40 ms of delay on the way
  clock.observe(iso(START_MS + 60_000));
  expect(clock.rate()).toBeGreaterThan(55);
  pass(2000);
  clock.observe(iso(START_MS + 180_000 + 2_400));
  expect(clock.rate()).toBe(60);
  pass(10_000);
  expect(clock.nowMs()).toBe(START_MS + 182_400 + 600_000);
});

test('samples closer together than a second do not decide the speed', () => {
  const { clock, pass } = clockAt(0);
  clock.observe(iso(START_MS));
  pass(100);
  clock.observe(iso(START_MS + 300));
  expect(clock.rate()).toBe(1);
});

test('a server that restarts with an older clock is learned anew', () => {
  const { clock, pass } = clockAt(0);
  clock.observe(iso(START_MS));
  pass(2000);
  clock.observe(iso(START_MS + 120_000));
  pass(2000);
  clock.observe(iso(START_MS - 3_600_000));
  expect(clock.nowMs()).toBe(START_MS - 3_600_000);
});

test('a text that is no time changes nothing', () => {
  const { clock } = clockAt(0);
  clock.observe(iso(START_MS));
  clock.observe('soon');
  expect(clock.nowMs()).toBe(START_MS);
});
