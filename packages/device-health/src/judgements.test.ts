import { describe, expect, test } from 'vitest';
import { airtimeMs, maxPayloadBytes } from './airtime.ts';
import { USUAL_ENERGY, batteryByEnergy } from './battery.ts';
import { calibrationOf, JUMP_WINDOW, lastingJump } from './calibration.ts';
import type { LastingJump } from './calibration.ts';
import { findMixUps } from './cross-mount.ts';
import { judgeFire } from './fire.ts';
import { judgeInstallation } from './install-test.ts';
import { blockedSince, continueRun, isStuck } from './stuck.ts';
import type { SameRun } from './stuck.ts';
import { randomFrom } from './testing.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

describe('battery', () => {
  test('time on air equals the figures of the LoRa calculator', () => {
    // 10 bytes: 61.7 ms at SF7, 1482.8 ms at SF12 (125 kHz, coding rate 4/5, explicit header, CRC)
    expect(airtimeMs({ payloadBytes: 10, spreadingFactor: 7 })).toBeCloseTo(61.7, 1);
    expect(airtimeMs({ payloadBytes: 10, spreadingFactor: 12 })).toBeCloseTo(1482.8, 1);
    expect(maxPayloadBytes(12)).toBe(51);
  });

  test('slow rates and frequent uplinks eat a cell in less than half the time', () => {
    const use = { ageS: 0, uplinks: 0, payloadBytes: 12 };
    const calm = batteryByEnergy(USUAL_ENERGY, { ...use, spreadingFactor: 7, intervalS: 3600 });
    const busy = batteryByEnergy(USUAL_ENERGY, { ...use, spreadingFactor: 12, intervalS: 600 });
    expect(calm.daysLeft! / 365).toBeGreaterThan(9);
    expect(busy.daysLeft!).toBeLessThan(calm.daysLeft! / 2);
  });

  test('charge falls with age and uplinks, never below zero', () => {
    const use = { payloadBytes: 12, spreadingFactor: 12, intervalS: 600 };
    const year = 365 * 86_400;
    const young = batteryByEnergy(USUAL_ENERGY, { ...use, ageS: year, uplinks: year / 600 }).charge;
    const old = batteryByEnergy(USUAL_ENERGY, { ...use, ageS: 3 * year, uplinks: (3 * year) / 600 }).charge;
    expect(old).toBeLessThan(young);
    expect(batteryByEnergy(USUAL_ENERGY, { ...use, ageS: 30 * year, uplinks: 1e7 })).toEqual({
      charge: 0,
      daysLeft: 0,
    });
  });
});

describe('fire', () => {
  const at = (minutes: number, celsius: number) => ({ atMs: minutes * MINUTE_MS, celsius });

  test('a steep rise is fire, a hot day is not', () => {
    expect(judgeFire([at(0, 20), at(10, 24), at(20, 48)])).toBeGreaterThan(0.6);
    expect(judgeFire([at(0, 52), at(60, 58), at(120, 66)])).toBeUndefined();
  });

  test('what the surroundings rose by, as when the sun comes out, does not count', () => {
    expect(judgeFire([at(0, 20), at(20, 36)], 10)).toBeUndefined();
    expect(judgeFire([at(0, 20), at(20, 36)], 0)).toBeDefined();
  });

  test('one value alone is no ramp', () => {
    expect(judgeFire([at(0, 90)])).toBeUndefined();
    expect(judgeFire([])).toBeUndefined();
  });
});

describe('stuck and blocked', () => {
  const runOf = (values: number[]): SameRun => {
    let run: SameRun | undefined;
    for (const [i, value] of values.entries()) run = continueRun(run, value, i * HOUR_MS);
    return run!;
  };

  test('five days of one number is stuck; four calm days of a slow container are not', () => {
    const stuck = runOf([0.1, ...Array<number>(121).fill(0.4)]);
    expect([isStuck(stuck, {}), stuck.sinceMs]).toEqual([true, HOUR_MS]);
    expect(isStuck(runOf(Array<number>(97).fill(0.4)), { cycleMs: 21 * 24 * HOUR_MS })).toBe(false);
    expect(isStuck(runOf(Array.from({ length: 200 }, (_, i) => (i % 30 === 0 ? 0.42 : 0.4))), {})).toBe(false);
    expect(isStuck(runOf(Array<number>(50).fill(0.4)), { stuckAfterMs: 24 * HOUR_MS })).toBe(true);
  });

  test('a busy bin that stands still all day is blocked; at night, or when full, it is not', () => {
    const usual = (atMs: number): number => ((atMs / HOUR_MS) % 24 >= 8 ? 0.04 : 0);
    const day = Array.from({ length: 5 }, (_, i) => ({ atMs: (9 + i) * HOUR_MS, level: 0.5 }));
    const night = Array.from({ length: 7 }, (_, i) => ({ atMs: i * HOUR_MS, level: 0.5 }));
    expect(blockedSince(day, usual)).toBe(9 * HOUR_MS);
    expect(blockedSince(night, usual)).toBeUndefined();
    expect(
      blockedSince(
        day.map((point) => ({ ...point, level: 1 })),
        usual,
      ),
    ).toBeUndefined();
    expect(
      blockedSince(
        day.map((point, i) => ({ ...point, level: 0.5 + i * 0.04 })),
        usual,
      ),
    ).toBeUndefined();
  });
});

describe('mix-ups', () => {
  const DAY_MS = 24 * HOUR_MS;
  const placements = ['a', 'b', 'c'].map((name) => ({ deviceId: `sensor-${name}`, assetId: `bin-${name}` }));
  const visitAt: Record<string, number[]> = { a: [1, 4, 7, 10], b: [2, 5, 9, 12], c: [3, 6, 8, 11] };
  const visits = Object.entries(visitAt).flatMap(([name, days]) =>
    days.map((day) => ({ assetId: `bin-${name}`, atMs: day * DAY_MS })),
  );
  const dropsAfter = (deviceId: string, bin: string) =>
    visitAt[bin]!.map((day) => ({ deviceId, atMs: day * DAY_MS + HOUR_MS }));

  test('two sensors that were swapped are found by the visits, with each other named', () => {
    const drops = [...dropsAfter('sensor-a', 'b'), ...dropsAfter('sensor-b', 'a'), ...dropsAfter('sensor-c', 'c')];
    const found = findMixUps(placements, drops, visits);
    expect(found.map(({ deviceId, likelyAssetId, withDeviceId }) => [deviceId, likelyAssetId, withDeviceId])).toEqual([
      ['sensor-a', 'bin-b', 'sensor-b'],
      ['sensor-b', 'bin-a', 'sensor-a'],
    ]);
  });

  test('sensors at their place are left alone, also when a visit was not reported and a fall was missed', () => {
    const drops = [
      ...dropsAfter('sensor-a', 'a').slice(1),
      ...dropsAfter('sensor-b', 'b'),
      ...dropsAfter('sensor-c', 'c'),
    ];
    expect(findMixUps(placements, drops, visits.slice(1))).toEqual([]);
  });

  test('bins that are always emptied together cannot be told apart, and nobody is accused', () => {
    const together = placements.flatMap(({ assetId }) => [1, 4, 7].map((day) => ({ assetId, atMs: day * DAY_MS })));
    const drops = placements.flatMap(({ deviceId }) =>
      [1, 4, 7].map((day) => ({ deviceId, atMs: day * DAY_MS + HOUR_MS })),
    );
    expect(findMixUps(placements, drops, together)).toEqual([]);
  });
});

describe('calibration', () => {
  const learn = (distancesM: number[]) => {
    const jumps: LastingJump[] = [];
    for (let i = 0; i + JUMP_WINDOW <= distancesM.length; i++) {
      const jump = lastingJump(distancesM.slice(i, i + JUMP_WINDOW));
      if (jump) jumps.push(jump);
    }
    return calibrationOf(jumps);
  };

  test('the floor and the rim come out of the first emptyings, through noise and false jumps', () => {
    const random = randomFrom(11);
    const distancesM: number[] = [];
    for (let cycle = 0; cycle < 4; cycle++) {
      for (let step = 0; step <= 40; step++) {
        const distanceM = 1.5 - (1.2 * step) / 40 + (random() - 0.5) * 0.02;
        // a hand or an echo now and then: one reading far off
        distancesM.push(step === 20 ? distanceM + 0.6 : distanceM);
      }
    }
    const found = learn(distancesM)!;
    expect(found.emptyings).toBe(3);
    expect(found.emptyDistanceM).toBeGreaterThan(1.42);
    expect(found.emptyDistanceM).toBeLessThan(1.52);
    expect(found.fullDistanceM).toBeCloseTo(0.3, 1);
  });

  test('nothing is learned before the first emptying that lasts, and no rim from bins emptied half full', () => {
    expect(learn([1.5, 1.4, 1.2, 1, 0.9])).toBeUndefined();
    expect(learn([1, 1.6, 1, 1, 1, 1])).toBeUndefined();
    expect(learn([1, 1.5, 1.5, 1.5, 1.4, 0.8, 1.5, 1.5, 1.5])).toEqual({
      emptyDistanceM: 1.5,
      fullDistanceM: null,
      emptyings: 2,
    });
  });
});

describe('installation test', () => {
  const uplink = {
    atMs: 0,
    rssi: -110,
    snr: -6,
    spreadingFactor: 10,
    gateways: 2,
    distanceM: 1.4,
    payloadBytes: 12,
  };

  test('enough uplinks with reserve at the slowest rate pass', () => {
    const { checks, worstRateMarginDb } = judgeInstallation([uplink, uplink, uplink], {
      wanted: 3,
      emptyDistanceM: 1.5,
    });
    expect(worstRateMarginDb).toBe(14);
    expect(checks.every(({ ok }) => ok)).toBe(true);
  });

  test('a weak signal, a long message or a wall behind the floor fails and says which', () => {
    const failed = (change: Partial<typeof uplink>): string[] =>
      judgeInstallation([{ ...uplink, ...change }], { wanted: 1, emptyDistanceM: 1.5 })
        .checks.filter(({ ok }) => !ok)
        .map(({ name }) => name);
    expect(failed({ snr: -18 })).toEqual(['signal']);
    expect(failed({ rssi: -134 })).toEqual(['signal']);
    expect(failed({ payloadBytes: 80 })).toEqual(['payload']);
    expect(failed({ distanceM: 2.4 })).toEqual(['distance']);
    expect(judgeInstallation([], { wanted: 3 }).checks).toMatchObject([{ name: 'uplinks', ok: false }]);
  });
});
