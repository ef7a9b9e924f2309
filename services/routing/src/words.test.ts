import { expect, test } from 'vitest';
import { Calendar, type StopWhy } from '@ronde/contracts';
import type { Reason } from '@ronde/solver';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { createOpportunity } from './opportunity.ts';
import { explainLeftOut, sayLeftOut, sayWhy } from './words.ts';

test.each<[StopWhy, string]>([
  [{ code: 'full', fill: 0.97 }, '97 % full: needs emptying now'],
  [{ code: 'risk', fill: 0.7, risk: 0.41 }, '70 % full, 41 % chance to overflow before the next visit'],
  [{ code: 'on-the-way', fill: 0.5, detourM: 120 }, '50 % full, on the way (+120 m)'],
  [{ code: 'on-the-way', fill: 0.5 }, '50 % full, on the way'],
  [{ code: 'reported' }, 'reported full by a person'],
  [{ code: 'tip-load' }, 'tip the load'],
  [{ code: 'kept', fill: 0.6 }, '60 % full, kept from the earlier version'],
])('a stop that is in the round says why: %o', (why, text) => {
  expect(sayWhy(why)).toBe(text);
});

const relaxed = (
  code: NonNullable<Reason['relaxation']>['code'],
  unit: NonNullable<Reason['relaxation']>['unit'],
): Reason => ({
  stop: 0,
  served: false,
  code,
  text: '',
  relaxation: { vehicle: 1, code, amount: 700, unit, addedCost: 0, text: '' },
});
test.each<[Reason, string, RegExp]>([
  [
    { stop: 0, served: false, code: 'NOT_WORTH_ITS_PRIZE', text: '', addedCost: 512, addedDistanceM: 3100, prize: 240 },
    'too-far-for-its-risk',
    /adds € 5.12 and 3.1 km, leaving it risks € 2.40/,
  ],
  [relaxed('SHIFT_EXCEEDED', 's'), 'no-time', /\+12 min overtime on Two would serve it/],
  [relaxed('WINDOW_MISSED', 's'), 'closed', /opening 12 min longer would let Two serve it/],
  [relaxed('OVER_CAPACITY', 'load'), 'no-capacity', /more room on Two/],
  [relaxed('NO_SITE_FOR_FRACTION', 'visits'), 'no-vehicle-fits', /a disposal site that takes its fraction/],
  [relaxed('VEHICLE_NOT_ALLOWED', 'visits'), 'no-vehicle-fits', /allowing Two/],
  [{ stop: 0, served: false, code: 'UNREACHABLE', text: '' }, 'unreachable', /cannot be reached by road$/],
])('a stop that is left out says why and what would serve it, by the name of the vehicle', (reason, code, text) => {
  const said = explainLeftOut(reason, ['One', 'Two']);
  expect(said.code).toBe(code);
  expect(said.reason).toMatch(text);
});
test('a stop without an explanation is still told something', () => {
  expect(explainLeftOut(undefined, [])).toEqual({
    code: 'too-far-for-its-risk',
    reason: sayLeftOut('too-far-for-its-risk'),
  });
});

test('glass that nobody collects at night must hold out until the evening after, litter only for the next shift', () => {
  const calendar = Calendar.parse({ id: 'c' });
  const round = [
    { from: '06:00', to: '14:00' },
    { from: '14:00', to: '22:00' },
    { from: '22:00', to: '06:00' },
  ];
  const vehicles = [
    { ...VEHICLE, id: 'all', shifts: round },
    { ...VEHICLE, id: 'glass', fractions: ['glass' as const], shifts: round.slice(0, 1) },
  ];
  const ends = new Map(vehicles.map(({ id }) => [id, Date.parse('2026-01-05T13:00:00Z')]));
  const by = createOpportunity({ vehicles, calendar }, ends, START_MS);
  expect(new Date(by(asset(0))).toISOString()).toBe('2026-01-05T21:00:00.000Z');
  const glass = { ...asset(1), chambers: [{ id: '1', fraction: 'glass' as const }] };
  expect(new Date(by(glass)).toISOString()).toBe('2026-01-06T13:00:00.000Z');
  expect(by({ ...glass, liftType: 'mushroom' })).toBe(START_MS + 86_400_000);
});
