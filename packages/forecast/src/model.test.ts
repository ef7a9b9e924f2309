import { expect, test } from 'vitest';
import { forecastWithVisits } from './mixture.ts';
import { fitModel, updateModel } from './model.ts';
import { forecast, overflowRisk, timeToFull } from './predict.ts';
import { HOUR_MS, hourOfWeek, ratesOf } from './profile.ts';
import { detectEmptyings } from './emptyings.ts';
import { cleanSeries } from './series.ts';
import { HOUR, MONDAY, dayDemand, knownSeries } from './testing.ts';
import type { KnownSeries } from './testing.ts';

const endOf = (known: KnownSeries) => known.points.at(-1)!.atMs;
const fitted = (known: KnownSeries) => fitModel(known.points, { nowMs: endOf(known) });

test('the learnt mean rate lies within 10 % of the true one, spikes and emptyings notwithstanding', () => {
  const known = knownSeries({ days: 90, ratePerHour: 0.012, spikeShare: 0.01 });
  let rise = 0;
  for (let i = 1; i < known.truth.length; i++) rise += Math.max(0, known.truth[i]! - known.truth[i - 1]!);
  const truePerHour = rise / known.truth.length;
  const { meanPerHour } = ratesOf(fitted(known).profile, endOf(known));
  expect(Math.abs(meanPerHour / truePerHour - 1)).toBeLessThan(0.1);
});

test('the profile learns the hours of the day and the weekdays', () => {
  const demand = (hour: number, weekday: number) => dayDemand(hour) * (weekday >= 5 ? 0.3 : 1.28);
  const known = knownSeries({ days: 120, demand });
  const { perHour } = ratesOf(fitted(known).profile, endOf(known));
  expect(perHour[12]! / perHour[2]!).toBeGreaterThan(3);
  expect(perHour[24 + 12]! / perHour[5 * 24 + 12]!).toBeGreaterThan(2);
});

test('hours of the week follow the local clock that is passed in', () => {
  expect(hourOfWeek(MONDAY)).toBe(0);
  expect(hourOfWeek(MONDAY - HOUR)).toBe(167);
  expect(hourOfWeek(MONDAY, () => 2 * HOUR)).toBe(2);
  expect(hourOfWeek(-HOUR)).toBe(71);
  const known = knownSeries({ days: 60 });
  const options = { nowMs: endOf(known), offsetAt: () => 2 * HOUR };
  const local = ratesOf(fitModel(known.points, options).profile, endOf(known)).perHour;
  const utc = ratesOf(fitted(known).profile, endOf(known)).perHour;
  expect(local[20]!).toBeGreaterThan(local[8]!);
  expect(utc[8]!).toBeGreaterThan(utc[20]!);
});

test('the 90 % interval covers about 90 % of the truth on series it has never seen', () => {
  let [covered, all] = [0, 0];
  for (let seed = 10; seed < 14; seed++) {
    const known = knownSeries({ days: 100, seed, ratePerHour: 0.007, emptyEveryDays: 5 });
    let model = fitModel([], { nowMs: MONDAY });
    for (const [i, point] of known.points.entries()) {
      model = updateModel(model, [point], { nowMs: point.atMs });
      const target = known.points[i + 24];
      if (i < 40 * 24 || !target || known.emptiedAtMs.some((atMs) => atMs > point.atMs && atMs <= target.atMs))
        continue;
      const [band] = forecast(model, { nowMs: point.atMs, level: point.fill, levelAtMs: point.atMs, horizonsH: [24] });
      all++;
      if (target.fill >= band!.p05 - 0.005 && target.fill <= band!.p95 + 0.005) covered++;
    }
  }
  expect(all).toBeGreaterThan(3000);
  expect(covered / all).toBeGreaterThan(0.84);
  expect(covered / all).toBeLessThan(0.96);
});

test('a bin that sits at the end of the scale does not look slower than it is', () => {
  const fast = knownSeries({ days: 90, ratePerHour: 0.03, emptyEveryDays: 4 });
  const share = fast.points.filter((point) => point.fill >= 0.99).length / fast.points.length;
  const { perHour } = ratesOf(fitted(fast).profile, endOf(fast));
  const mean = perHour.reduce((sum, rate) => sum + rate, 0) / 168;
  expect(share).toBeGreaterThan(0.3);
  expect(mean).toBeGreaterThan(0.022);
  expect(mean).toBeLessThan(0.04);
});

test('without history the forecast follows the prior, with a wide band', () => {
  const model = fitModel([], { nowMs: MONDAY, prior: { ratePerHour: 0.01, weight: 48 } });
  const [day] = forecast(model, { nowMs: MONDAY, level: 0.2, levelAtMs: MONDAY, horizonsH: [24] });
  expect(day!.p50).toBeCloseTo(0.44, 2);
  expect(day!.p95 - day!.p05).toBeGreaterThan(0.35);
  expect(day!.p05).toBeGreaterThanOrEqual(0);
});

test('own readings outweigh a wrong prior within two weeks, and the band narrows', () => {
  const known = knownSeries({ days: 14, ratePerHour: 0.004, emptyEveryDays: 30 });
  const prior = { ratePerHour: 0.03, weight: 24 };
  const cold = fitModel([], { nowMs: MONDAY, prior });
  const warm = fitModel(known.points, { nowMs: endOf(known), prior });
  const at = (nowMs: number) => ({ nowMs, level: 0.2, levelAtMs: nowMs, horizonsH: [24] });
  const [before] = forecast(cold, at(MONDAY));
  const [after] = forecast(warm, at(endOf(known)));
  expect(after!.p50).toBeLessThan(0.4);
  expect(after!.p95 - after!.p05).toBeLessThan((before!.p95 - before!.p05) / 2);
});

test('a model is plain JSON and forecasts the same after a round trip', () => {
  const known = knownSeries({ days: 30 });
  const model = fitted(known);
  const copy = JSON.parse(JSON.stringify(model)) as typeof model;
  const options = { nowMs: endOf(known), level: 0.3, levelAtMs: endOf(known), untilMs: endOf(known) + 48 * HOUR };
  expect(forecast(copy, options)).toEqual(forecast(model, options));
});

test('taking readings in one by one gives the model that fitting them at once gives', () => {
  const known = knownSeries({ days: 30, spikeShare: 0.01 });
  let stepwise = fitModel([], { nowMs: MONDAY });
  for (const point of known.points) stepwise = updateModel(stepwise, [point], { nowMs: point.atMs });
  const atOnce = fitted(known);
  expect(stepwise.emptyings).toBe(atOnce.emptyings);
  expect(stepwise.readings).toBe(atOnce.readings);
  const ratio = ratesOf(stepwise.profile, endOf(known)).meanPerHour / ratesOf(atOnce.profile, endOf(known)).meanPerHour;
  expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
});

test('an update leaves the given model as it was and ignores readings of the past and the future', () => {
  const known = knownSeries({ days: 10 });
  const model = fitted(known);
  const before = JSON.stringify(model);
  const nowMs = endOf(known) + HOUR;
  const same = updateModel(
    model,
    [
      { atMs: MONDAY, fill: 0.9 },
      { atMs: nowMs + HOUR, fill: 0.9 },
    ],
    { nowMs },
  );
  expect(JSON.stringify(same)).toBe(before);
  updateModel(model, [{ atMs: nowMs, fill: 0.5 }], { nowMs });
  expect(JSON.stringify(model)).toBe(before);
});

test('the model counts the emptyings the detector finds, and a crew mark at once', () => {
  const known = knownSeries({ days: 60, spikeShare: 0.01, seed: 9 });
  const model = fitted(known);
  expect(model.emptyings).toBe(detectEmptyings(cleanSeries(known.points)).length);
  const atMs = endOf(known) + HOUR;
  const marked = updateModel(
    model,
    [
      { atMs: atMs - 1, fill: 0.8 },
      { atMs, fill: 0.8, flags: ['CREW_EMPTIED'] },
      { atMs: atMs + 1, fill: 0.01 },
      { atMs: atMs + 2, fill: 0.01 },
    ],
    { nowMs: atMs + HOUR },
  );
  expect(marked.emptyings).toBe(model.emptyings + 1);
  expect(marked.lastEmptying).toMatchObject({ atMs, confidence: 'high' });
});

test('after a silence of more than three days nothing is learnt from the gap', () => {
  const known = knownSeries({ days: 20 });
  const model = fitted(known);
  const late = endOf(known) + 100 * HOUR;
  const points = [0, 1, 2, 3].map((i) => ({ atMs: late + i * HOUR, fill: 0.95 }));
  const after = updateModel(model, points, { nowMs: late + 4 * HOUR });
  expect(after.readings).toBe(model.readings + 4);
  const ratio = ratesOf(after.profile, late).meanPerHour / ratesOf(model.profile, late).meanPerHour;
  expect(ratio).toBeLessThan(1.1);
});

test('sums are scaled down after years, so that weights stay finite and the rate keeps', () => {
  const first = knownSeries({ days: 20 });
  const shiftMs = 3000 * 24 * HOUR;
  const later = first.points.map((point) => ({ ...point, atMs: point.atMs + shiftMs }));
  const model = fitModel([...first.points, ...later], { nowMs: later.at(-1)!.atMs });
  const alone = fitModel(later, { nowMs: later.at(-1)!.atMs });
  const rate = (of: typeof model) => ratesOf(of.profile, later.at(-1)!.atMs).meanPerHour;
  expect(model.profile.weightAtMs).toBeGreaterThan(first.points.at(-1)!.atMs);
  expect(Math.abs(rate(model) / rate(alone) - 1)).toBeLessThan(0.2);
});

test('an old level is carried forward from its own time', () => {
  const known = knownSeries({ days: 60 });
  const model = fitted(known);
  const nowMs = endOf(known);
  const [fresh] = forecast(model, { nowMs, level: 0.3, levelAtMs: nowMs, horizonsH: [0] });
  const [stale] = forecast(model, { nowMs, level: 0.3, levelAtMs: nowMs - 24 * HOUR, horizonsH: [0] });
  expect(fresh!.p50).toBeCloseTo(0.3, 1);
  expect(stale!.p50).toBeGreaterThan(0.45);
  expect(stale!.p95 - stale!.p05).toBeGreaterThan(fresh!.p95 - fresh!.p05);
});

test('forecast points are ascending in time, ordered in quantiles and within 0 to 1', () => {
  const known = knownSeries({ days: 60 });
  const nowMs = endOf(known);
  const points = forecast(fitted(known), {
    nowMs,
    level: 0.5,
    levelAtMs: nowMs,
    untilMs: nowMs + 120 * HOUR,
    stepH: 2,
  });
  expect(points).toHaveLength(61);
  for (const point of points) {
    expect(point.p05).toBeLessThanOrEqual(point.p50);
    expect(point.p50).toBeLessThanOrEqual(point.p95);
    expect(point.p05).toBeGreaterThanOrEqual(0);
    expect(point.p95).toBeLessThanOrEqual(1);
    expect(point.mean).toBeGreaterThanOrEqual(point.p05);
    expect(point.mean).toBeLessThanOrEqual(point.p95);
  }
  expect(forecast(fitted(known), { nowMs, level: 0.5, levelAtMs: nowMs })).toHaveLength(49);
});

test('time to full, overflow risk and forecast agree with each other', () => {
  const known = knownSeries({ days: 90 });
  const model = fitted(known);
  const nowMs = endOf(known);
  const start = { nowMs, level: 0.6, levelAtMs: nowMs };
  const times = timeToFull(model, start);
  expect(times.p05!).toBeGreaterThan(nowMs);
  expect(times.p05!).toBeLessThanOrEqual(times.p50!);
  expect(times.p50!).toBeLessThanOrEqual(times.p95!);
  const risk = (byMs: number) => overflowRisk(model, { ...start, byMs });
  expect(risk(times.p50!)).toBeGreaterThan(0.4);
  expect(risk(times.p50!)).toBeLessThan(0.62);
  expect(risk(nowMs + HOUR)).toBeLessThan(0.05);
  expect(risk(nowMs + 300 * HOUR)).toBeGreaterThan(0.95);
  expect(risk(nowMs + 6 * HOUR)).toBeLessThanOrEqual(risk(nowMs + 24 * HOUR));
});

test('a full bin overflows for certain and a moment in the past adds no risk', () => {
  const model = fitModel([], { nowMs: MONDAY });
  const start = { nowMs: MONDAY, levelAtMs: MONDAY, byMs: MONDAY - HOUR };
  expect(overflowRisk(model, { ...start, level: 1 })).toBe(1);
  expect(overflowRisk(model, { ...start, level: 0.2 })).toBeLessThan(0.001);
});

test('a bin that does not fill within the time looked at has no time to full', () => {
  const model = fitModel([], { nowMs: MONDAY, prior: { ratePerHour: 0.0001, weight: 100 } });
  const times = timeToFull(model, { nowMs: MONDAY, level: 0.1, levelAtMs: MONDAY, maxH: 48 });
  expect(times).toEqual({ p05: null, p50: null, p95: null });
});

test('a forecast that reckons with emptyings falls after the hour at which the bin is always emptied', () => {
  const known = knownSeries({ days: 90, emptyEveryDays: 1, ratePerHour: 0.02 });
  const nowMs = MONDAY + 89 * 24 * HOUR + 3 * HOUR;
  const model = fitModel(known.points, { nowMs });
  const start = { nowMs, level: 0.5, levelAtMs: nowMs, horizonsH: [1, 6] };
  const [before, after] = forecastWithVisits(model, start);
  const [, still] = forecast(model, start);
  expect(before!.p50).toBeGreaterThan(0.4);
  expect(after!.mean).toBeLessThan(still!.mean - 0.15);
  expect(after!.p05).toBeLessThan(0.2);
  expect((after!.atMs - nowMs) / HOUR_MS).toBe(6);
});
