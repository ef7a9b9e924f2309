import { expect, test } from 'vitest';
import { Calendar, DisposalSite, Vehicle, type AssetInput } from '@ronde/contracts';
import { createOpportunity } from './opportunity.ts';
import { nextOpportunityMs, openSpans, shiftsOf, stepsOf } from './shifts.ts';

const at = (iso: string): number => Date.parse(iso);
const calendar = Calendar.parse({ id: 'c', serviceDays: [1, 2, 3, 4, 5], holidays: ['2026-04-27'] });
const vehicle = Vehicle.parse({
  id: 'v',
  name: 'v',
  depotId: 'd',
  fractions: ['litter'],
  liftTypes: ['hand'],
  capacityKg: 1000,
  shifts: [{ from: '06:00', to: '14:00' }],
});

test('a shift is given in local time, summer and winter', () => {
  const within = (day: string) => ({ startMs: at(`${day}T00:00:00Z`), endMs: at(`${day}T23:00:00Z`) });
  expect(shiftsOf(vehicle, calendar, within('2026-07-01'))[0]!.startMs).toBe(at('2026-07-01T04:00:00Z'));
  expect(shiftsOf(vehicle, calendar, within('2026-12-01'))[0]!.startMs).toBe(at('2026-12-01T05:00:00Z'));
});

test('weekends and holidays have no shifts', () => {
  expect(
    shiftsOf(vehicle, calendar, { startMs: at('2026-04-25T00:00:00Z'), endMs: at('2026-04-27T20:00:00Z') }),
  ).toEqual([]);
});

test('a window that ends before it starts crosses midnight', () => {
  const [span] = openSpans([{ from: '22:00', to: '06:00' }], 'Europe/Amsterdam', {
    startMs: at('2026-01-10T02:00:00Z'),
    endMs: at('2026-01-10T03:00:00Z'),
  });
  expect(span).toEqual({ startMs: at('2026-01-09T21:00:00Z'), endMs: at('2026-01-10T05:00:00Z') });
});

test('the next opportunity after Friday is the end of the first shift that serves again', () => {
  expect(nextOpportunityMs([vehicle], calendar, at('2026-04-24T12:00:00Z'))).toBe(at('2026-04-28T12:00:00Z'));
});

test('a holiday is caught up on the day the calendar names, with the shifts of its weekday', () => {
  const mondays = { ...vehicle, shifts: [{ days: [1], from: '06:00', to: '14:00' }] };
  const kept = { ...calendar, catchUps: [{ holiday: '2026-04-27', on: '2026-04-25' }] };
  const week = { startMs: at('2026-04-24T00:00:00Z'), endMs: at('2026-04-29T00:00:00Z') };
  expect(shiftsOf(mondays, calendar, week)).toEqual([]);
  expect(shiftsOf(mondays, kept, week)).toEqual([
    { startMs: at('2026-04-25T04:00:00Z'), endMs: at('2026-04-25T12:00:00Z') },
  ]);
  expect(nextOpportunityMs([mondays], kept, at('2026-04-24T12:00:00Z'))).toBe(at('2026-04-25T12:00:00Z'));
});

test('a crew on duty already on the day that makes up for a holiday has no second shift', () => {
  const kept = { ...calendar, catchUps: [{ holiday: '2026-04-27', on: '2026-04-28' }] };
  const day = { startMs: at('2026-04-28T00:00:00Z'), endMs: at('2026-04-28T23:00:00Z') };
  expect(shiftsOf(vehicle, kept, day)).toHaveLength(1);
});

test('a shift in which every tip for the fraction is closed is no opportunity', () => {
  const tip = DisposalSite.parse({
    id: 't',
    name: 't',
    position: { lat: 53.2, lon: 6.5 },
    fractions: ['litter'],
    openingHours: [{ days: [2, 4], from: '07:00', to: '16:00' }],
  });
  const bin = { id: 'a', kind: 'litter-bin', name: 'a', chambers: [{ id: 'c', fraction: 'litter' }] } as AssetInput;
  const friday = at('2026-04-17T12:00:00Z');
  const byMs = (sites: DisposalSite[]): number =>
    createOpportunity({ vehicles: [vehicle], calendar, sites }, new Map(), friday)(bin);
  expect(byMs([])).toBe(at('2026-04-20T12:00:00Z'));
  expect(byMs([tip])).toBe(at('2026-04-21T12:00:00Z'));
});

test('a value by the hour becomes steps: the first entry that holds counts, and equal neighbours are one step', () => {
  const entries = [
    { from: '08:00', to: '10:00', pace: 2 },
    { from: '07:00', to: '09:00', pace: 3 },
    { from: '10:00', to: '11:00', pace: 2 },
    { from: '12:00', to: '13:00', pace: 1 },
  ];
  const within = { startMs: at('2026-01-05T00:00:00Z'), endMs: at('2026-01-05T20:00:00Z') };
  const hours = { timeZone: 'UTC', within, originMs: at('2026-01-05T08:00:00Z') };
  const steps = stepsOf(entries, hours, { valueOf: ({ pace }) => pace, usual: 1 });
  expect(steps).toEqual([
    { fromS: -3_600, value: 3 },
    { fromS: 0, value: 2 },
    { fromS: 10_800, value: 1 },
  ]);
});
