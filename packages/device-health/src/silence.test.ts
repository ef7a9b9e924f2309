import { expect, test } from 'vitest';
import { intervalMs, learnGap, missedIn } from './cadence.ts';
import { emptyLoss, gapProbability, learnArrival, lossRateOf } from './loss.ts';
import { FALSE_ALARMS_PER_YEAR, judgeSilence } from './silence.ts';
import { randomFrom } from './testing.ts';

const HOUR_MS = 3_600_000;

/** Draws how many uplinks are missed before each of `count` arrivals: bursts start with p and go on with q. */
function arrivals(count: number, { p, q, seed }: { p: number; q: number; seed: number }): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    let missed = random() < p ? 1 : 0;
    while (missed > 0 && random() < q) missed += 1;
    return missed;
  });
}

test('a device that loses every sixth uplink may miss more in a row than one that loses none', () => {
  const lossy = emptyLoss();
  const clean = emptyLoss();
  for (const missed of arrivals(300, { p: 0.5, q: 0.5, seed: 1 })) learnArrival(lossy, missed);
  for (let i = 0; i < 300; i++) learnArrival(clean, 0);
  expect(gapProbability(lossy, 4)).toBeGreaterThan(100 * gapProbability(clean, 4));
  expect(judgeSilence(clean, 6 * HOUR_MS, HOUR_MS).silent).toBe(true);
  expect(judgeSilence(lossy, 6 * HOUR_MS, HOUR_MS).silent).toBe(false);
  expect(judgeSilence(lossy, 30 * HOUR_MS, HOUR_MS).silent).toBe(true);
});

test('well devices of the measured loss mix are called silent about as rarely as promised', () => {
  // a year of hourly uplinks of 60 devices, loss from none to three in five
  const random = randomFrom(7);
  let alarms = 0;
  const devices = 60;
  for (let d = 0; d < devices; d++) {
    const losses = emptyLoss();
    const p = random() * 0.55;
    for (const missed of arrivals(8766, { p, q: 0.25 + random() * 0.25, seed: d + 1 })) {
      if (judgeSilence(losses, (missed + 1) * HOUR_MS, HOUR_MS).silent) alarms += 1;
      learnArrival(losses, missed);
    }
  }
  // four times the promise: bursts of a device are learned from its last few hundred arrivals only
  expect(alarms / devices).toBeLessThan(4 * FALSE_ALARMS_PER_YEAR);
});

test('a device of usual losses that dies is found within a dozen intervals, one without losses within six', () => {
  const usual = emptyLoss();
  const clean = emptyLoss();
  for (const missed of arrivals(400, { p: 0.16, q: 0.25, seed: 3 })) learnArrival(usual, missed);
  for (let i = 0; i < 400; i++) learnArrival(clean, 0);
  const found = (losses: typeof usual): number => {
    let intervals = 1;
    while (!judgeSilence(losses, intervals * HOUR_MS, HOUR_MS).silent) intervals += 1;
    return intervals;
  };
  expect(found(usual)).toBeLessThanOrEqual(12);
  expect(found(clean)).toBeLessThanOrEqual(6);
});

test('one missing uplink alone is no silence, whatever the odds', () => {
  const clean = emptyLoss();
  for (let i = 0; i < 400; i++) learnArrival(clean, 0);
  expect(judgeSilence(clean, 2 * 30 * 24 * HOUR_MS, 30 * 24 * HOUR_MS).silent).toBe(false);
});

test('the loss rate is missed over sent, and unknown before the first arrival', () => {
  const losses = emptyLoss();
  expect(lossRateOf(losses)).toBeNull();
  learnArrival(losses, 0);
  learnArrival(losses, 2);
  expect(lossRateOf(losses)).toBe(0.5);
});

test('the cadence is learned through losses, and events between two reports do not shorten it', () => {
  const memory = { gapsMs: [] };
  for (const gap of [60, 60, 120, 60, 180, 60, 60, 60, 120]) learnGap(memory, gap * 60_000);
  expect(intervalMs(memory, { typeMs: 10 * 60_000 })).toBe(HOUR_MS);
  const eventful = { gapsMs: [] };
  for (const gap of [2, 60, 5, 55, 1, 60, 3, 57]) learnGap(eventful, gap * 60_000);
  expect(intervalMs(eventful, { typeMs: HOUR_MS })).toBe(HOUR_MS);
  expect(intervalMs(eventful, { settingMs: 900_000, typeMs: HOUR_MS })).toBe(900_000);
  expect(intervalMs({ gapsMs: [] }, {})).toBeUndefined();
});

test('half an interval of jitter is no missed uplink', () => {
  expect([0.2, 1, 1.4, 1.6, 2.4, 3].map((gap) => missedIn(gap * HOUR_MS, HOUR_MS))).toEqual([0, 0, 0, 1, 1, 2]);
});
