import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { createRng } from '../rng.ts';
import type { FaultMix, FaultName, Probe, Sample } from './model.ts';
import { createSensorBench, type Begun } from './sensor-bench.ts';

const BIN: Probe = { emptyM: 2, fullM: 0.4, blindM: 0.28, codesM: [null, 65.535], level: true };
const startMs = Date.UTC(2026, 0, 5);

/** Measures one device every `stepMs`; the level climbs slowly from empty to full. */
function measureLong(options: {
  mix: FaultMix;
  steps: number;
  stepMs?: number;
  probe?: Probe;
  levelAt?: (step: number) => number;
  celsius?: number;
}) {
  const { mix, steps, stepMs = HOUR_MS, probe = BIN, celsius = 12 } = options;
  const begun: Begun[] = [];
  const bench = createSensorBench([probe], { mix, seed: 1, ids: () => 'd', onBegin: (one) => begun.push(one) });
  const rng = createRng(5);
  const rows = Array.from({ length: steps }, (_, step) => {
    const atMs = startMs + step * stepMs;
    const level = options.levelAt?.(step) ?? step / steps;
    const sample = bench.measure(0, { level, temperatureC: celsius, atMs, sinceMs: stepMs }, rng);
    return { atMs, trueM: 2 - level * 1.6, ...(structuredClone(sample) as Sample), signs: [...bench.signs] };
  });
  return { rows, begun, bench };
}

/** Rows that an episode covers, and those that no episode does. */
function split(rows: ReturnType<typeof measureLong>['rows'], begun: Begun[]) {
  const isIn = (atMs: number): boolean => begun.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  return { during: rows.filter(({ atMs }) => isIn(atMs)), outside: rows.filter(({ atMs }) => !isIn(atMs)) };
}

test('without faults a sensor says what is true', () => {
  const { rows } = measureLong({ mix: {}, steps: 50 });
  for (const { distanceM, trueM, signs, temperatureC } of rows) {
    expect(distanceM).toBeCloseTo(trueM, 9);
    expect([signs, temperatureC]).toEqual([[], 12]);
  }
});

describe.each(['tilt', 'lid-open', 'stuck', 'fire', 'ghost'] as const)('%s', (name) => {
  const { rows, begun } = measureLong({
    mix: { [name]: name === 'fire' ? 300 : 40 },
    steps: 4_000,
    stepMs: 10 * MINUTE_MS,
  });
  const { during, outside } = split(rows, begun);

  test('begins by chance, lasts, is told with begin and end, and leaves nothing behind', () => {
    expect(begun.length).toBeGreaterThan(1);
    expect(begun.every((one) => one.name === name && one.toMs > one.fromMs)).toBe(true);
    expect(outside.length).toBeGreaterThan(100);
    for (const row of outside) {
      expect(row.signs).toEqual([]);
      expect(row.distanceM).toBeCloseTo(row.trueM, 9);
    }
    for (const row of during) expect(row.signs).toEqual([name]);
  });

  test('does to a measurement what it is there for', () => {
    const expected: Record<typeof name, (row: (typeof rows)[number]) => boolean> = {
      tilt: (row) => row.tiltDeg > 18 && row.distanceM! > row.trueM,
      'lid-open': (row) => row.lidOpen && row.distanceM! >= 2.2,
      stuck: (row) => during.some(({ distanceM, atMs }) => distanceM === row.distanceM && atMs !== row.atMs),
      fire: (row) => row.temperatureC > 12 && row.distanceM! === row.trueM,
      ghost: (row) => row.distanceM! <= row.trueM + 0.03,
    };
    expect(during.length).toBeGreaterThan(5);
    expect(during.filter(expected[name]).length / during.length).toBeGreaterThan(0.98);
  });
});

test('a stuck sensor repeats one value per spell while the bin fills', () => {
  const { rows, begun } = measureLong({ mix: { stuck: 100 }, steps: 2_000 });
  for (const { fromMs, toMs } of begun) {
    const values = new Set(rows.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ distanceM }) => distanceM));
    expect(values.size).toBe(1);
  }
});

test('a ghost echo hides only what lies deeper than the wall', () => {
  const { rows, begun, bench } = measureLong({ mix: { ghost: 100 }, steps: 3_000 });
  const wallM = bench.traitsOf(0).ghost!;
  const { during } = split(rows, begun);
  for (const { trueM, distanceM } of during) {
    if (trueM <= wallM - 0.05) expect(distanceM).toBeCloseTo(trueM, 9);
    else if (trueM > wallM + 0.05) expect(Math.abs(distanceM! - wallM)).toBeLessThan(0.03);
  }
  expect(during.length).toBeGreaterThan(20);
});

test('fire climbs to its top within twenty minutes', () => {
  const { rows, begun } = measureLong({ mix: { fire: 300 }, steps: 20_000, stepMs: MINUTE_MS });
  const [{ fromMs, strength }] = begun as [Begun];
  const at = (minutes: number) => rows.find(({ atMs }) => atMs === fromMs + minutes * MINUTE_MS)!;
  expect(at(0).temperatureC).toBeLessThan(20);
  expect(at(5).temperatureC).toBeGreaterThan(at(2).temperatureC);
  expect(at(25).temperatureC).toBeCloseTo(12 + strength!, 6);
  expect([at(0).fire, at(25).fire]).toEqual([false, 12 + strength! > 60]);
});

test('a swapped bin stays swapped, and a restart keeps it so', () => {
  const { rows, begun, bench } = measureLong({ mix: { swap: 200 }, steps: 500 });
  expect(begun).toHaveLength(1);
  const { fromMs, toMs, strength } = begun[0]!;
  expect(toMs).toBe(Infinity);
  for (const { atMs, distanceM, trueM } of rows)
    expect(distanceM).toBeCloseTo(atMs >= fromMs ? trueM * strength! : trueM, 6);
  const again = createSensorBench([BIN], { mix: { swap: 1 }, seed: 1, ids: () => 'd' });
  again.restore(0, JSON.parse(JSON.stringify(bench.lastingOf(0))) as Partial<Record<FaultName, number>>);
  const now = { level: 0, temperatureC: 12, atMs: startMs + DAY_MS, sinceMs: HOUR_MS };
  expect(again.measure(0, now, createRng(1)).distanceM).toBeCloseTo(2 * strength!, 4);
});

test('a blind zone says its own distance for everything nearer, and is a sign only then', () => {
  const { rows } = measureLong({ mix: { 'blind-zone': 1 }, steps: 12, levelAt: (step) => 0.9 + step / 40 });
  for (const { trueM, distanceM, signs } of rows) {
    expect(distanceM).toBeCloseTo(Math.max(trueM, 0.28), 9);
    expect(signs).toEqual(trueM < 0.28 ? ['blind-zone'] : []);
  }
});

test('sentinels are the codes of the type', () => {
  const { rows } = measureLong({ mix: { sentinel: 1_000 }, steps: 60 });
  expect(new Set(rows.map(({ distanceM }) => distanceM))).toEqual(new Set([null, 65.535]));
});

test('a byte without sign turns frost into heat, and leaves warm days alone', () => {
  const said = (celsius: number) => measureLong({ mix: { int8: 1 }, steps: 1, celsius }).rows[0]!.temperatureC;
  expect([said(-1), said(-12.4), said(0), said(21.4)]).toEqual([255, 244, 0, 21]);
});

test('drift follows the temperature, steps are steps', () => {
  const cold = measureLong({ mix: { drift: 1 }, steps: 1, celsius: -10 });
  const perDegree = cold.bench.traitsOf(0).drift!;
  expect(cold.rows[0]!.distanceM).toBeCloseTo(2 - 30 * perDegree, 3);
  const stepped = measureLong({ mix: { quantisation: 1 }, steps: 100 });
  for (const { distanceM } of stepped.rows) expect(distanceM! * 50).toBeCloseTo(Math.round(distanceM! * 50), 6);
});

test('what measures no level has no faults of levels', () => {
  const mix: FaultMix = { spike: 1_000, sentinel: 1_000, tilt: 1_000, stuck: 1_000, int8: 1 };
  const { rows } = measureLong({ mix, steps: 50, probe: { ...BIN, level: false }, celsius: -2 });
  expect(rows.every(({ signs }) => signs.join() === 'int8')).toBe(true);
});

test('turning one fault on does not change what a device is made with otherwise', () => {
  const probes = Array.from({ length: 50 }, () => BIN);
  const options = { seed: 3, ids: (device: number) => `d${device}` };
  const few = createSensorBench(probes, { ...options, mix: { ghost: 5, quantisation: 0.5 } });
  const many = createSensorBench(probes, {
    ...options,
    mix: { ghost: 5, quantisation: 0.5, drift: 1, noise: 1, int8: 0.5 },
  });
  probes.forEach((_, device) => expect(many.traitsOf(device)).toMatchObject(few.traitsOf(device)));
});
