import { describe, expect, test } from 'vitest';
import { createCity } from '../city/create-city.ts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { weekOf } from './demand.ts';
import { hourOfWeek } from './local-time.ts';
import { createWorld } from './world.ts';

const city = createCity({ seed: 2, share: 0.1 });
const startMs = Date.UTC(2026, 2, 2);
const levels = (world: ReturnType<typeof createWorld>, atMs: number): number[] =>
  city.demand.map(({ assetId, chamber }) => world.levelAt(assetId, chamber, atMs));

describe('createWorld', () => {
  test('gives the same levels for the same seed, however often it is asked', () => {
    const often = createWorld(city, { atMs: startMs });
    for (let hour = 1; hour <= 48; hour++) levels(often, startMs + hour * HOUR_MS);
    const once = createWorld(city, { atMs: startMs });
    expect(levels(once, startMs + 2 * DAY_MS)).toEqual(levels(often, startMs + 2 * DAY_MS));
  });

  test('goes on from a saved state as if it had never stopped', () => {
    const whole = createWorld(city, { atMs: startMs });
    levels(whole, startMs + DAY_MS);
    const resumed = createWorld(city, { atMs: 0, state: structuredClone(whole.state()) });
    expect(levels(resumed, startMs + 3 * DAY_MS)).toEqual(levels(whole, startMs + 3 * DAY_MS));
  });

  test('an emptied asset is empty in all chambers, and then fills again; a heap stops at 1.2', () => {
    const world = createWorld(city, { atMs: startMs });
    const glass = city.assets.find(({ chambers }) => chambers.length === 2)!;
    expect(levels(world, startMs + 60 * DAY_MS).every((level) => level >= 0 && level <= 1.2)).toBe(true);
    world.empty(glass.id, startMs + 60 * DAY_MS);
    for (const { id } of glass.chambers) expect(world.levelAt(glass.id, id, startMs + 60 * DAY_MS)).toBe(0);
    expect(world.levelAt(glass.id, '1', startMs + 65 * DAY_MS)).toBeGreaterThan(0.05);
  });

  test('a moment in the past changes nothing', () => {
    const world = createWorld(city, { atMs: startMs });
    const { assetId, chamber } = city.demand[0]!;
    const now = world.levelAt(assetId, chamber, startMs + DAY_MS);
    expect(world.levelAt(assetId, chamber, startMs)).toBe(now);
  });
});

describe('demand', () => {
  test('a week has the mean 1, and days differ from nights', () => {
    for (const profile of ['street', 'shopping', 'park', 'home', 'recycling', 'airport'] as const) {
      const week = weekOf(profile);
      expect(week.reduce((a, b) => a + b) / 168).toBeCloseTo(1, 9);
      expect(week[3]).toBeLessThan(week[17]!);
    }
  });

  test("hours of the week follow the city's wall clock over the change to summer time", () => {
    // 2026-03-29 02:00 local becomes 03:00
    expect(hourOfWeek(Date.parse('2026-03-29T00:30:00Z'))).toBe(6 * 24 + 1);
    expect(hourOfWeek(Date.parse('2026-03-29T01:30:00Z'))).toBe(6 * 24 + 3);
  });
});
