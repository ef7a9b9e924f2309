import { expect, test } from 'vitest';
import { createRng } from '@ronde/kit';
import { FALSE_ALARM_RATE, judgeCanary } from './judge-canary.ts';

const tally = (uplinks: number, newlyFailing: number, newlyReadable: number) => ({
  canary: { uplinks, errors: newlyFailing },
  active: { uplinks, errors: newlyReadable },
  newlyFailing,
  newlyReadable,
});

test('the evidence is the integral it says to be', () => {
  for (const [failing, readable] of [
    [0, 0],
    [1, 0],
    [13, 0],
    [9, 4],
    [30, 29],
    [2, 40],
  ] as const) {
    const steps = 200_000;
    let integral = 0;
    for (let i = 0; i < steps; i += 1) {
      const p = 0.5 + (0.5 * (i + 0.5)) / steps;
      integral += (0.5 / steps) * 2 * (2 * p) ** failing * (2 * (1 - p)) ** readable;
    }
    expect(judgeCanary(tally(100, failing, readable)).evidence / integral).toBeCloseTo(1, 6);
  }
});

test('thirteen uplinks that only the canary fails on are enough, twelve are not', () => {
  expect(judgeCanary(tally(40, 12, 0)).worse).toBe(false);
  expect(judgeCanary(tally(40, 13, 0)).worse).toBe(true);
});

test('a canary is left alone while few uplinks came, while its excess is tolerable, and when it mends as much as it breaks', () => {
  expect(judgeCanary(tally(19, 19, 0)).worse).toBe(false);
  expect(judgeCanary(tally(100_000, 500, 0)).worse).toBe(false);
  expect(judgeCanary(tally(1_000, 200, 200)).worse).toBe(false);
  expect(judgeCanary(tally(1_000, 0, 300)).worse).toBe(false);
  expect(judgeCanary(tally(1e7, 2e6, 0)).worse).toBe(true);
});

test('canaries as good as the active version are hardly ever rolled back, looked at after every uplink', () => {
  const rng = createRng(7);
  const RUNS = 3_000;
  let alarms = 0;
  for (let run = 0; run < RUNS; run += 1) {
    let failing = 0;
    let readable = 0;
    for (let n = 1; n <= 400; n += 1) {
      if (rng.next() < 0.5) failing += 1;
      else readable += 1;
      if (judgeCanary(tally(n, failing, readable)).worse) {
        alarms += 1;
        break;
      }
    }
  }
  // expected at most RUNS × rate = 3; a Poisson count of that mean exceeds 10 with a chance of 0.0003
  expect(alarms).toBeLessThanOrEqual(RUNS * FALSE_ALARM_RATE + 7);
});

test('a canary that fails on a third of the uplinks is found out within sixty of them', () => {
  const rng = createRng(3);
  const needed: number[] = [];
  for (let run = 0; run < 300; run += 1) {
    let failing = 0;
    let n = 0;
    do {
      n += 1;
      if (rng.next() < 0.3) failing += 1;
    } while (!judgeCanary(tally(n, failing, 0)).worse);
    needed.push(n);
  }
  expect(needed.toSorted((a, b) => a - b)[150]).toBeLessThan(60);
});
