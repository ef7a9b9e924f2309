import { expect, test } from 'vitest';
import { Calendar, Vehicle } from '@ronde/contracts';
import { nextOpportunityMs, openSpans, shiftsOf } from './shifts.ts';

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
