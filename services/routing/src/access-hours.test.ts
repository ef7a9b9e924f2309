import { expect, test } from 'vitest';
import { blockedHours, withoutHours } from './access-hours.ts';
import { START_MS, VEHICLE } from './fixtures.ts';
import { openPlannerFixture } from './plan-fixture.ts';

const ZONE = 'Europe/Amsterdam';
const HOUR_MS = 3_600_000;
/** A visit at a local hour in January, so many days ago. */
const visit = (hour: number, daysAgo: number, reached: boolean) => ({
  at: new Date(Date.parse('2026-01-05T00:20:00Z') - daysAgo * 24 * HOUR_MS + (hour - 1) * HOUR_MS).toISOString(),
  reached,
});
const often = (hour: number, reached: boolean, days: number) =>
  Array.from({ length: days }, (_, day) => visit(hour, day + 1, reached));

test('an hour at which a place was blocked on several days is avoided; one bad day, or a better half, is not', () => {
  const open = often(13, true, 4);
  expect(blockedHours([...often(8, false, 4), ...open], ZONE)).toContain(8);
  expect(blockedHours([...often(8, false, 4), ...open], ZONE)).not.toContain(13);
  expect(blockedHours([...often(8, false, 2), ...open], ZONE)).toEqual([]);
  expect(blockedHours([visit(8, 1, false), visit(8, 1, false), visit(8, 1, false), ...open], ZONE)).toEqual([]);
  expect(blockedHours([...often(8, false, 4), ...often(8, true, 8), ...open], ZONE)).toEqual([]);
  expect(blockedHours(often(8, false, 9), ZONE)).toEqual([]);
  expect(blockedHours([], ZONE)).toEqual([]);
});

test('hours leave the starts of service in pieces, and are let be where hardly any start would be left', () => {
  const within = { startMs: START_MS, endMs: START_MS + 4 * HOUR_MS };
  const given = { timeZone: ZONE, within };
  // the plan begins at 07:00 in Amsterdam
  expect(withoutHours(undefined, [8], given).windows).toEqual([
    [0, 3_599],
    [7_200, 14_400],
  ]);
  expect(withoutHours([[0, 5_000]], [8], given).windows).toEqual([[0, 5_000]]);
  expect(withoutHours([[0, 3_600 * 3]], [9], given).windows).toEqual([
    [0, 7_199],
    [10_800, 10_800],
  ]);
  expect(withoutHours(undefined, [7, 8, 9, 10], given)).toEqual({});
  expect(withoutHours(undefined, [], given)).toEqual({});
});

test('a bin behind parked cars in the morning is planned for later in the shift, until crews get at it again', async () => {
  const fixture = await openPlannerFixture([0.95, 0.95], { vehicles: [{ ...VEHICLE, capacityKg: 2_000 }] });
  const etaOf = async (): Promise<number> => {
    expect((await fixture.plan()).fault).toBeNull();
    const stop = fixture.rounds.open()[0]!.stops.find(({ assetIds }) => assetIds.includes('bin-0'))!;
    return Date.parse(stop.eta);
  };
  expect(await etaOf()).toBeLessThan(START_MS + HOUR_MS);
  for (const { at } of often(7, false, 4)) await fixture.learnings.visited(['bin-0'], { at, reached: false });
  for (const { at } of often(12, true, 2)) await fixture.learnings.visited(['bin-0'], { at, reached: true });
  expect(await etaOf()).toBeGreaterThanOrEqual(START_MS + HOUR_MS);
  for (const { at } of often(7, true, 9)) await fixture.learnings.visited(['bin-0'], { at, reached: true });
  expect(fixture.learnings.blockedHours('bin-0', ZONE)).toEqual([]);
});
