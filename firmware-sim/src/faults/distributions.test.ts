import { beforeAll, describe, expect, test } from 'vitest';
import { openEncoders } from '@ronde/sensor-types';
import { HOUR_MS } from '../clock.ts';
import { createLoadFleet } from '../fleet/load-fleet.ts';
import { SCENARIOS } from '../fleet/scenarios.ts';
import { openTruth } from '../truth.ts';
import { runFleet } from '../testing.ts';
import { openTypeBook } from '../type-book.ts';
import {
  createListener,
  measureArrivals,
  measureDistances,
  measureStuck,
  quantileOf,
} from './measure-fleet.fixture.ts';

/*
 * Listens to a simulated fleet and measures what 77 real sensors were measured for (FAULTS.md). The run is seeded, so the
 * tolerances are of the model, not of luck.
 */
const DEVICES = 300;
const DAYS = 45;
const YEARS = (DEVICES * DAYS) / 365;
/** The fleet's code for "no value" is 254 cm. */
const CODE_M = 2.5;
const listener = createListener(DEVICES);

beforeAll(async () => {
  const { intervalMs, networks, sort, lossy, faults } = SCENARIOS.frankfurt;
  const types = await openTypeBook(await openEncoders());
  const made = createLoadFleet({ seed: 1, devices: DEVICES, intervalMs, networks, sort, lossy }, types);
  if (!made.ok) throw new Error(JSON.stringify(made.faults));
  await runFleet({
    fleet: made.value,
    mix: faults,
    hours: DAYS * 24,
    startMs: Date.UTC(2026, 0, 5),
    visits: true,
    truth: openTruth(undefined),
    put: listener.put,
  });
}, 240_000);

describe('a simulated fleet, listened to as the real one was', () => {
  test('loses 20 % of its messages: p10 12 %, median 17 %, p90 47 %, the worst device 60 %', () => {
    const { loss, lossAt } = measureArrivals(listener.heard, HOUR_MS);
    expect(Math.abs(loss - 0.203)).toBeLessThan(0.02);
    expect(Math.abs(lossAt(0.1) - 0.117)).toBeLessThan(0.02);
    expect(Math.abs(lossAt(0.5) - 0.171)).toBeLessThan(0.02);
    expect(Math.abs(lossAt(0.9) - 0.468)).toBeLessThan(0.05);
    expect(Math.abs(lossAt(1) - 0.6)).toBeLessThan(0.08);
  });

  test('loses in bursts: 84 % of arrivals follow no loss, 12 % one, 2.9 % two, 0.6 % three, some more than twenty', () => {
    const { after, longest, longGaps, silences } = measureArrivals(listener.heard, HOUR_MS);
    expect(Math.abs(after(0) - 0.84)).toBeLessThan(0.01);
    expect(Math.abs(after(1) - 0.12)).toBeLessThan(0.01);
    expect(Math.abs(after(2) - 0.029)).toBeLessThan(0.008);
    expect(Math.abs(after(3) - 0.006)).toBeLessThan(0.002);
    expect(longest).toBeGreaterThan(20);
    expect(Math.abs(longGaps - 0.165)).toBeLessThan(0.015);
    // 339 silences over a day in 77 sensor-years
    expect(Math.abs(silences / YEARS - 339 / 77)).toBeLessThan(1.2);
  });

  test('reports on the hour within four to five seconds, and its counter of one byte wraps', () => {
    const { onTimeMs, wrapsPerMessage } = measureArrivals(listener.heard, HOUR_MS);
    for (const edge of [0.01, 0.99]) {
      const seconds = Math.abs(quantileOf(onTimeMs, edge)) / 1000;
      expect(seconds).toBeGreaterThan(4);
      expect(seconds).toBeLessThan(5);
    }
    // 2,532 in 515,037; every device starts shortly before a wrap, which a short run notices
    expect(Math.abs(wrapsPerMessage - 0.0049)).toBeLessThan(0.001);
  });

  test('scatters as measured against the median of seven: 73 % zero, p90 4 cm, p95 10 cm, p99 40 cm', () => {
    const { residualsM, shareOver, onGrid } = measureDistances(listener.heard, CODE_M);
    expect(onGrid).toBe(1);
    expect(Math.abs(residualsM.filter((m) => m < 0.001).length / residualsM.length - 0.73)).toBeLessThan(0.02);
    expect(quantileOf(residualsM, 0.9)).toBeCloseTo(0.04, 2);
    expect(Math.abs(quantileOf(residualsM, 0.95) - 0.1)).toBeLessThan(0.021);
    expect(Math.abs(quantileOf(residualsM, 0.99) - 0.4)).toBeLessThan(0.061);
    expect(Math.abs(shareOver(0.101) - 0.044)).toBeLessThan(0.006);
    expect(Math.abs(shareOver(0.301) - 0.018)).toBeLessThan(0.005);
  });

  test('has isolated spikes, codes and tilts as often as measured', () => {
    const { spikes, codes } = measureDistances(listener.heard, CODE_M);
    expect(Math.abs(spikes - 0.0136)).toBeLessThan(0.002);
    expect(Math.abs(codes - 0.0074)).toBeLessThan(0.0015);
    const rows = listener.heard.flat();
    expect(Math.abs(rows.filter(({ tilted }) => tilted).length / rows.length - 0.006)).toBeLessThan(0.002);
    const cold = rows.filter(({ temperatureC }) => temperatureC > 200);
    expect(cold.length).toBeGreaterThan(0);
    expect(cold.every(({ temperatureC }) => Number.isInteger(temperatureC) && temperatureC < 256)).toBe(true);
  });

  test('is emptied 0.79 times a week, falling by 58 cm, with as many jumps again that do not last', () => {
    const { emptyingsM, jumps } = measureDistances(listener.heard, CODE_M);
    expect(Math.abs(emptyingsM.length / (DEVICES * (DAYS / 7)) - 0.79)).toBeLessThan(0.08);
    expect(Math.abs(quantileOf(emptyingsM, 0.5) - 0.58)).toBeLessThan(0.05);
    // measured: 6,263 in 515,037, half of which last; here two fifths do
    expect(jumps).toBeGreaterThan(0.009);
    expect(jumps).toBeLessThan(0.018);
  });

  test('sticks for three days or more about as often as measured, and sends few copies', () => {
    // 63 in 77 sensor-years; a run of 45 days cuts the long ones short
    const perYear = measureStuck(listener.heard, 3) / YEARS;
    expect(perYear).toBeGreaterThan(0.4);
    expect(perYear).toBeLessThan(1.3);
    // 174 in 515,037
    expect(listener.copies() / listener.heard.flat().length).toBeCloseTo(174 / 515_037, 3);
  });
});
