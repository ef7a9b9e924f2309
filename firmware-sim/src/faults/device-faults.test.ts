import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { createRng } from '../rng.ts';
import { createBatteries } from './battery.ts';
import { drawDeviceClock, gatewayMs, shownMs } from './clocks.ts';
import { journeyOf } from './copies.ts';
import { createCounters, type CounterBits } from './counter.ts';
import { createFirmware } from './firmware.ts';
import { jitterMs } from './jitter.ts';
import { createLosses } from './loss.ts';
import { createOutages } from './outage.ts';
import { leftBehind } from './partial-emptying.ts';
import type { Begun } from './sensor-bench.ts';

const ids = (device: number): string => `d${device}`;
const startMs = Date.UTC(2026, 0, 5);
const share = (count: number, test: () => boolean): number =>
  Array.from({ length: count }, test).filter(Boolean).length / count;

describe('counters', () => {
  const open = (bits: CounterBits, mix = {}, luck = 0.4) =>
    createCounters(1, { mix, bitsOf: () => bits, luckOf: () => luck });

  test.each([8, 12, 16, 32] as const)(
    'of %i bits start before their wrap where that is wanted, and go on from zero',
    (bits) => {
      const counters = open(bits, { counter: 1 });
      const first = counters.next(0);
      expect(first).toBeGreaterThanOrEqual(2 ** bits - 61);
      const next = Array.from({ length: 100 }, () => counters.next(0));
      expect(next[2 ** bits - first - 1]).toBe(0);
      expect(Math.max(...next)).toBe(2 ** bits - 1);
    },
  );

  test('a rejoin begins a new session, a restart without a join does not; a network without sessions has no rejoin', () => {
    const given = { rng: createRng(1), joins: true };
    const rejoined = open(32, { rejoin: 1e6 });
    rejoined.next(0);
    expect([rejoined.happens(0, DAY_MS, given), rejoined.sessionOf(0), rejoined.next(0)]).toEqual(['rejoin', 1, 0]);
    const reset = open(32, { 'abp-reset': 1e6, rejoin: 1e6 });
    reset.next(0);
    expect([reset.happens(0, DAY_MS, { ...given, joins: false }), reset.sessionOf(0), reset.next(0)]).toEqual([
      'abp-reset',
      0,
      0,
    ]);
  });
});

describe('batteries', () => {
  test('say the same for years, then less, then nothing', () => {
    const batteries = createBatteries(1, { factor: 1, seed: 3, ids });
    batteries.restore(0, 0.9);
    const before = batteries.saidBy(0);
    for (let message = 0; message < 30_000; message++) batteries.spend(0, 8);
    expect(batteries.chargeOf(0)).toBeLessThan(0.75);
    expect(Math.abs(batteries.saidBy(0) - before)).toBeLessThan(0.05);
    batteries.restore(0, 0.015);
    expect(batteries.saidBy(0)).toBeLessThan(0.2);
    expect(batteries.failure(0)).toBeGreaterThan(0);
    batteries.restore(0, 0);
    expect(batteries.failure(0)).toBe(1);
  });

  test('empty faster where the radio is slow', () => {
    const left = (spreadingFactor: number): number => {
      const batteries = createBatteries(1, { factor: 1, seed: 3, ids });
      batteries.restore(0, 1);
      for (let message = 0; message < 1_000; message++) batteries.spend(0, spreadingFactor);
      return batteries.chargeOf(0);
    };
    expect(1 - left(12)).toBeGreaterThan(2 * (1 - left(7)));
  });

  test('without the fault never wear', () => {
    const batteries = createBatteries(1, { factor: 0, seed: 3, ids });
    batteries.spend(0, 12);
    expect([batteries.chargeOf(0), batteries.failure(0)]).toEqual([0.95, 0]);
  });
});

describe('clocks', () => {
  test('of devices are missing, right or wrong in the shares asked for', () => {
    const rng = createRng(4);
    const off = Array.from({ length: 4_000 }, () => drawDeviceClock(rng, { none: 0.3, wrong: 0.2 }));
    expect(off.filter(Number.isNaN).length / 4_000).toBeCloseTo(0.3, 1);
    expect(off.filter((ms) => ms !== 0 && !Number.isNaN(ms)).length / 4_000).toBeCloseTo(0.2, 1);
    expect(new Set(off.filter((ms) => ms > 0 && ms <= 2 * HOUR_MS && ms % HOUR_MS === 0))).toEqual(
      new Set([HOUR_MS, 2 * HOUR_MS]),
    );
  });

  test('show nothing, the time since the start, or what they are off by', () => {
    const now = { atMs: startMs, upMs: 90_000 };
    expect(shownMs(NaN, now)).toBeNull();
    expect(shownMs(-Infinity, now)).toBe(90_000);
    expect(shownMs(HOUR_MS, now)).toBe(startMs + HOUR_MS);
    expect(shownMs(0, now)).toBe(startMs);
  });

  test('of gateways: three in ten have none, a few come from 1980', () => {
    const rng = createRng(2);
    const shown = Array.from({ length: 5_000 }, () => gatewayMs(startMs, { factor: 1, rng }));
    expect(shown.filter((ms) => ms === undefined).length / 5_000).toBeCloseTo(0.3, 1);
    const wrong = shown.filter((ms) => ms !== undefined && ms !== startMs);
    expect(wrong.length / 5_000).toBeCloseTo(0.03, 2);
    expect(wrong.every((ms) => Math.abs(ms! - startMs) > 300 * DAY_MS)).toBe(true);
    expect(gatewayMs(startMs, { factor: 0, rng })).toBe(startMs);
  });
});

test('journeys: copies of three kinds and late messages in the shares asked for; none without these faults', () => {
  const rng = createRng(9);
  const mix = { duplicate: 60, 'late-copy': 10, 'out-of-order': 10 };
  const journeys = Array.from({ length: 20_000 }, () => journeyOf(mix, rng));
  const kinds = Object.groupBy(
    journeys.flatMap(({ copy }) => copy ?? []),
    ({ kind }) => kind,
  );
  expect((kinds.redelivery!.length + kinds['other-gateway']!.length) / 20_000).toBeCloseTo(0.02, 2);
  expect(kinds['late-copy']!.length / 20_000).toBeCloseTo(0.02, 2);
  expect(kinds['late-copy']!.every(({ afterMs }) => afterMs >= 2 * MINUTE_MS && afterMs <= HOUR_MS)).toBe(true);
  expect(kinds.redelivery!.every(({ afterMs }) => afterMs >= 5_000)).toBe(true);
  expect(journeys.filter(({ delayMs }) => delayMs > 0).length / 20_000).toBeCloseTo(0.04, 2);
  expect(journeyOf({}, rng)).toEqual({ delayMs: 0 });
});

test('firmware changes once and for good: another port, a byte in front, or a longer payload', () => {
  const begun: Begun[] = [];
  const firmware = createFirmware(60, { factor: 1e6, onBegin: (one) => begun.push(one) });
  const rng = createRng(3);
  const uplink = { fPort: 85, bytes: Uint8Array.of(1, 2) };
  const rewritten = Array.from({ length: 60 }, (_, device) => {
    expect(firmware.rewrite(device, uplink)).toEqual(uplink);
    for (let turn = 0; turn < 2; turn++)
      firmware.update(device, { atMs: startMs, sinceMs: DAY_MS, hasPorts: true }, rng);
    const { fPort, bytes } = firmware.rewrite(device, uplink);
    return `${fPort}:${bytes.length}:${bytes[0]}`;
  });
  expect(new Set(rewritten)).toEqual(new Set(['86:2:1', '85:3:242', '85:4:1']));
  expect(begun).toHaveLength(60);
  const portless = createFirmware(40, { factor: 1e6 });
  for (let device = 0; device < 40; device++) {
    portless.update(device, { atMs: startMs, sinceMs: DAY_MS, hasPorts: false }, rng);
    expect(portless.rewrite(device, uplink).fPort).toBe(85);
  }
  const restored = createFirmware(1, { factor: 0 });
  restored.restore(0, 1);
  expect(restored.rewrite(0, uplink).fPort).toBe(86);
});

test('outages begin by chance, last, and end', () => {
  const begun: Begun[] = [];
  const outages = createOutages(1, { factor: 40, onBegin: (one) => begun.push(one) });
  const rng = createRng(8);
  const out = Array.from({ length: 5_000 }, (_, step) => {
    const atMs = startMs + step * HOUR_MS;
    return { atMs, isOut: outages.isOut(0, { atMs, sinceMs: HOUR_MS }, rng) };
  });
  for (const { atMs, isOut } of out)
    expect(isOut).toBe(begun.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs));
  expect(begun.length).toBeGreaterThan(5);
  expect(share(100, () => createOutages(1, { factor: 0 }).isOut(0, { atMs: startMs, sinceMs: DAY_MS }, rng))).toBe(0);
});

test('losses: factor 0 loses nothing, and a device loses about what its line in the ground truth says', () => {
  const rng = createRng(6);
  const none = createLosses(3, { factor: 0, seed: 1, ids });
  expect(share(1_000, () => none.loses(1, rng))).toBe(0);
  const losses = createLosses(20, { factor: 1, seed: 1, ids });
  for (let device = 0; device < 20; device++)
    expect(Math.abs(share(20_000, () => losses.loses(device, rng)) - losses.rateOf(device))).toBeLessThan(0.05);
});

test('jitter stays within a sixtieth of a short interval; an emptying seldom leaves something behind', () => {
  const rng = createRng(2);
  for (let index = 0; index < 500; index++)
    expect(Math.abs(jitterMs(rng, { intervalMs: 6_000, factor: 1 }))).toBeLessThanOrEqual(100);
  expect(jitterMs(rng, { intervalMs: HOUR_MS, factor: 0 })).toBe(0);
  expect(share(10_000, () => leftBehind(rng, 1) > 0)).toBeCloseTo(0.03, 2);
  expect(share(100, () => leftBehind(rng, 0) > 0)).toBe(0);
});
