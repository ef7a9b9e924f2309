import { expect, test } from 'vitest';
import type { CrewEvent, Round, Stop } from '@ronde/contracts';
import { advanceRound } from './stop-progress.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 5, 8, minute)).toISOString();
const stop = (id: string, minute: number, more: Partial<Stop> = {}): Stop => ({
  id,
  seq: 1,
  kind: 'asset',
  assetIds: [id],
  lat: 52,
  lon: 5,
  eta: at(minute),
  serviceS: 120,
  reason: 'r',
  status: 'planned',
  ...more,
});
const round = (stops: Stop[], more: Partial<Round> = {}): Round => ({
  id: 'r',
  version: 1,
  planId: 'p',
  vehicleId: 'v',
  crewId: 'c',
  status: 'published',
  startsAt: at(0),
  endsAt: at(59),
  stops,
  leftOut: [],
  distanceM: 0,
  durationS: 0,
  ...more,
});
let count = 0;
const event = (stopId: string, kind: CrewEvent['kind'], more: Partial<CrewEvent> = {}): CrewEvent => ({
  id: `00000000-0000-7000-8000-${String(++count).padStart(12, '0')}`,
  roundId: 'r',
  roundVersion: 1,
  stopId,
  kind,
  deviceAt: at(10),
  ...more,
});
const after = (start: Round, ...events: CrewEvent[]): Round =>
  events.reduce((round, next) => advanceRound(round, next), start);

test.each<[string, CrewEvent[], Stop['status']]>([
  ['arrived', [event('a', 'arrived')], 'arrived'],
  ['arrived that comes after emptied', [event('a', 'emptied'), event('a', 'arrived')], 'done'],
  ['skipped after emptied', [event('a', 'emptied'), event('a', 'skipped')], 'done'],
  ['emptied after skipped', [event('a', 'skipped'), event('a', 'emptied')], 'done'],
  ['problem after arrived', [event('a', 'arrived'), event('a', 'problem')], 'problem'],
  ['arrived after skipped', [event('a', 'skipped'), event('a', 'arrived')], 'skipped'],
  ['full bin', [event('a', 'full', { assetId: 'a' })], 'planned'],
])('a stop is as it should be after: %s', (_, events, expected) => {
  expect(after(round([stop('a', 10)]), ...events).stops[0]!.status).toBe(expected);
});

const group = () => round([stop('g', 10, { assetIds: ['x', 'y', 'z'] })]);
test('a stop with several assets is done only when each of them is over', () => {
  const two = after(group(), event('g', 'emptied', { assetId: 'x' }), event('g', 'skipped', { assetId: 'y' }));
  expect(two.stops[0]).toMatchObject({
    status: 'arrived',
    ended: [
      { assetId: 'x', status: 'done' },
      { assetId: 'y', status: 'skipped' },
    ],
  });
  expect(after(two, event('g', 'skipped', { assetId: 'z' })).stops[0]!.status).toBe('done');
});
test('an event without an asset ends a stop with several at once', () => {
  expect(after(group(), event('g', 'emptied')).stops[0]!.status).toBe('done');
  expect(after(group(), event('g', 'emptied', { assetId: 'x' }), event('g', 'skipped')).stops[0]!.status).toBe('done');
});
test('a stop whose assets were all skipped is skipped, and one of them emptied after all makes it done', () => {
  const skipped = after(group(), ...['x', 'y', 'z'].map((assetId) => event('g', 'skipped', { assetId })));
  expect(skipped.stops[0]!.status).toBe('skipped');
  expect(after(skipped, event('g', 'emptied', { assetId: 'y' })).stops[0]!.status).toBe('done');
});

test('a full vehicle is remembered until it has tipped', () => {
  const full = after(round([stop('a', 10), stop('t', 20, { kind: 'disposal', assetIds: [] })]), event('a', 'full'));
  expect(full.vehicleFull).toBe(true);
  expect(after(full, event('a', 'skipped', { reason: 'no-time' })).vehicleFull).toBe(true);
  expect(after(full, event('t', 'emptied')).vehicleFull).toBe(false);
});

test('a crew that comes ten minutes late moves the times of the stops ahead and the end of the round, once', () => {
  const start = round([stop('a', 10), stop('b', 20), stop('c', 30)]);
  const late = after(start, event('a', 'arrived', { deviceAt: at(20) }));
  expect(late.stops.map(({ eta }) => eta)).toEqual([at(10), at(30), at(40)]);
  const ended = after(late, event('a', 'emptied', { deviceAt: at(22) }));
  expect(ended.stops.map(({ eta }) => eta)).toEqual([at(10), at(30), at(40)]);
  expect(ended.endsAt).toBe(new Date(Date.parse(at(59)) + 600_000).toISOString());
});
test('an early arrival moves nothing before the work is over, and a stop out of turn moves nothing at all', () => {
  const start = round([stop('a', 10), stop('b', 20), stop('c', 30)]);
  expect(after(start, event('a', 'arrived', { deviceAt: at(5) })).stops[1]!.eta).toBe(at(20));
  expect(after(start, event('b', 'emptied', { deviceAt: at(50) })).stops[2]!.eta).toBe(at(30));
  const early = after(start, event('a', 'arrived', { deviceAt: at(5) }), event('a', 'emptied', { deviceAt: at(7) }));
  expect(early.stops[1]!.eta).toBe(at(15));
});
test('an early crew does not make a place open sooner', () => {
  const start = round([stop('a', 10), stop('b', 20, { opensAt: at(18) })]);
  const early = after(start, event('a', 'arrived', { deviceAt: at(2) }), event('a', 'emptied', { deviceAt: at(4) }));
  expect(early.stops[1]!.eta).toBe(at(18));
});
test('an event about a stop the round no longer has changes nothing', () => {
  const start = round([stop('a', 10)]);
  expect(after(start, event('ghost', 'emptied'))).toBe(start);
});
