import { describe, expect, test } from 'vitest';
import { createCity } from '../city/create-city.ts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { weekOf } from './demand.ts';
import { hourOfWeek } from './local-time.ts';
import { createSurges, type Surge } from './demand.ts';
import { createWorld, type WorldEvent } from './world.ts';

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

/** Lets a city without crews live for some days and gives what happened. */
function live(mix: Parameters<typeof createWorld>[1]['mix'], days: number) {
  const events: WorldEvent[] = [];
  const world = createWorld(city, { atMs: startMs, mix: mix!, visits: true, onEvent: (event) => events.push(event) });
  let most = 0;
  for (let hour = 1; hour <= days * 24; hour++) most = Math.max(most, ...levels(world, startMs + hour * HOUR_MS));
  return { most, of: (name: WorldEvent['event']) => events.filter(({ event }) => event === name) };
}

describe('what happens to bins', () => {
  test('without crews they are emptied on fixed days; some keep a part when that is wanted', () => {
    const emptied = live({}, 30).of('emptied') as Extract<WorldEvent, { event: 'emptied' }>[];
    expect(emptied.length).toBeGreaterThan(city.demand.length * 2);
    expect(emptied.every(({ left, level }) => left === 0 && level >= 0.25)).toBe(true);
    const partly = live({ 'partial-emptying': 10 }, 30).of('emptied') as typeof emptied;
    expect(partly.filter(({ left }) => left > 0).length / partly.length).toBeCloseTo(0.3, 1);
  });

  test('heaps collapse by 10 to 30 % above 40 %, and only when that is wanted', () => {
    expect(live({}, 20).of('collapse')).toEqual([]);
    const falls = live({ collapse: 3 }, 20).of('collapse') as Extract<WorldEvent, { event: 'collapse' }>[];
    expect(falls.length).toBeGreaterThan(10);
    for (const { level, left } of falls) {
      expect(level).toBeGreaterThan(0.4);
      expect(left).toBeGreaterThanOrEqual(0.7);
      expect(left).toBeLessThanOrEqual(0.9);
    }
  });

  test('nothing heaps above the rim unless overfill is wanted', () => {
    expect(live({}, 40).most).toBeLessThanOrEqual(1);
    expect(live({ overfill: 1 }, 40).most).toBeGreaterThan(1.05);
  });

  test('events bring crowds at the time that is told, and none without that fault', () => {
    const [street] = city.demand.filter(({ profile }) => profile === 'shopping' || profile === 'street');
    const told: Surge[] = [];
    const busy = createSurges(2, 3, (_, surge) => told.push(surge));
    const quiet = createSurges(2, 0);
    for (let hour = 0; hour < 40 * 24; hour++) {
      const atMs = startMs + hour * HOUR_MS;
      const [with_, without] = [busy(street!, atMs), quiet(street!, atMs)];
      const surge = told.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
      expect(with_ / without).toBeCloseTo(surge?.crowd ?? 1, 9);
    }
    expect(told.length).toBeGreaterThan(3);
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
