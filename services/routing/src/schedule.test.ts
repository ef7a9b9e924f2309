import { expect, test } from 'vitest';
import { createFakeClock } from '@ronde/kit';
import { cronFault, startSchedule } from './schedule.ts';
import { createOffset, fromWallMs, toWallMs } from './zoned-time.ts';

const HOUR_MS = 3_600_000;

function firesBetween(fromIso: string, hours: number, expression: string): string[] {
  const clock = createFakeClock(Date.parse(fromIso));
  const fired: string[] = [];
  const stop = startSchedule(expression, { timeZone: 'Europe/Amsterdam', clock, fire: () => fired.push(clock.iso()) });
  clock.advance(hours * HOUR_MS);
  stop();
  return fired;
}

test('a plan at 02:30 is made once on the night that spring skips 02:30', () => {
  expect(firesBetween('2026-03-28T20:00:00Z', 24, '30 2 * * *')).toEqual(['2026-03-29T01:00:00.000Z']);
});

test('a plan at 02:30 is made once on the night that autumn repeats 02:30', () => {
  expect(firesBetween('2026-10-24T20:00:00Z', 24, '30 2 * * *')).toEqual(['2026-10-25T00:30:00.000Z']);
});

test('an ordinary day fires at each hour named, in local time', () => {
  expect(firesBetween('2026-07-01T00:00:00Z', 24, '0 5,13,21 * * *')).toEqual([
    '2026-07-01T03:00:00.000Z',
    '2026-07-01T11:00:00.000Z',
    '2026-07-01T19:00:00.000Z',
  ]);
});

test('a clock set back fires nothing twice', () => {
  const clock = createFakeClock(Date.parse('2026-07-01T02:59:00Z'));
  let fired = 0;
  const stop = startSchedule('0 5 * * *', { timeZone: 'Europe/Amsterdam', clock, fire: () => fired++ });
  clock.advance(2 * 60_000);
  clock.set(Date.parse('2026-07-01T02:30:00Z'));
  clock.advance(HOUR_MS);
  stop();
  expect(fired).toBe(1);
});

test('a wrong expression is told apart with the field that is wrong', () => {
  expect(cronFault('0 5 * * *')).toBeUndefined();
  expect(cronFault('0 25 * * *')).toMatch(/hour/);
});

test('wall time and moments turn into each other, also around clock changes', () => {
  const moment = Date.parse('2026-10-25T00:30:00Z');
  expect(toWallMs('Europe/Amsterdam', moment)).toBe(Date.UTC(2026, 9, 25, 2, 30));
  for (const iso of ['2026-01-15T09:00:00Z', '2026-07-15T09:00:00Z', '2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z']) {
    expect(fromWallMs('Europe/Amsterdam', toWallMs('Europe/Amsterdam', Date.parse(iso)))).toBe(Date.parse(iso));
  }
});

test('the kept offset is the one of the moment, also within the hour of a clock change', () => {
  const offsetAt = createOffset(() => 'Europe/Amsterdam');
  const offsets = ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z'].map(
    (iso) => offsetAt(Date.parse(iso)),
  );
  expect(offsets.map((ms) => ms / HOUR_MS)).toEqual([1, 2, 2, 1]);
});
