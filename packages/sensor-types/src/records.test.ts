import { expect, test } from 'vitest';
import { Manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

const NOON = Date.UTC(2026, 0, 5, 12);
const LINES = {
  distance: { from: 'distance', unit: 'mm', invalid: { 65535: 'NO_TARGET' } },
  battery: { from: 'b', unit: '%' },
};

function read(records: unknown, data: Record<string, unknown>, measurements: unknown = LINES) {
  return normalise(Manifest.parse({ id: 'acme-x', measurements, records }), data, 85);
}

test('each record becomes values of its own time, by the lines of the type, beside what is measured now', () => {
  const history = [
    { timestamp: NOON / 1000, distance: 900 },
    { timestamp: NOON / 1000 + 600, distance: 65535 },
  ];
  const { values } = read({ from: 'history', at: 'timestamp', unit: 's' }, { distance: 700, b: 50, history });
  expect(values).toMatchObject([
    { quantity: 'distance', value: 0.7, flags: [] },
    { quantity: 'battery', value: 0.5, flags: [] },
    { quantity: 'distance', value: 0.9, quality: 'ok', flags: ['BACKFILLED'], atMs: NOON },
    { quantity: 'distance', value: null, quality: 'invalid', flags: ['NO_TARGET', 'BACKFILLED'], atMs: NOON + 600_000 },
  ]);
  expect(values[0]).not.toHaveProperty('atMs');
});

test.each([
  ['s', NOON / 1000],
  ['s', `${NOON / 1000}`],
  ['ms', NOON],
  ['iso', '2026-01-05T13:00:00+01:00'],
  [undefined, NOON / 1000],
  [undefined, NOON],
  // what a codec writes without a zone is UTC, as its sandbox is
  [undefined, '2026-01-05 12:00:00'],
])('the time of a record may be written in %s as %j', (unit, t) => {
  const { values } = read({ from: 'log', at: 't', unit }, { log: [{ t, distance: 1 }] });
  expect(values[0]?.atMs).toBe(NOON);
});

test('records without a time that can be read stay apart and are of no believable time', () => {
  const log = [{ distance: 1 }, { t: 'never', distance: 2 }];
  const { values } = read({ from: 'log', at: 't' }, { log });
  expect(values.map(({ atMs }) => atMs)).toEqual([1, 2]);
});

test('rows of a text or of lists get names from columns', () => {
  const records = { from: 'DATALOG', at: 'time', columns: ['distance', 'state', 'time'] };
  const text = '[900,True,2026-01-05 12:00:00],[800,True,2026-01-05 12:10:00],';
  expect(read(records, { DATALOG: text }).values.map(({ value, atMs }) => [value, atMs])).toEqual([
    [0.9, NOON],
    [0.8, NOON + 600_000],
  ]);
  const rows = [
    [900, 'True', NOON],
    [800, 'True', NOON + 1],
  ];
  expect(read(records, { DATALOG: rows }).values.map(({ value }) => value)).toEqual([0.9, 0.8]);
});

test('a record may have lines of its own, and one by catalogue names needs none', () => {
  const own = { from: 'log', at: 't', measurements: { distance: { from: 'd', unit: 'cm' } } };
  expect(read(own, { log: { t: NOON, d: 90 } }).values).toMatchObject([{ value: 0.9, atMs: NOON }]);
  const { values, warnings } = read(
    { from: 'log', at: 't' },
    { fill: 0.5, log: [{ t: NOON, fill: 0.4 }] },
    'catalogue',
  );
  expect(values).toMatchObject([{ value: 0.5 }, { value: 0.4, atMs: NOON }]);
  expect(warnings).toEqual([]);
});

test('what is no record, and records without number, are told', () => {
  expect(read({ from: 'log', at: 't' }, { log: ['x', { t: NOON, distance: 1 }] }).warnings).toEqual([
    'log: 1 records cannot be read',
  ]);
  const log = Array.from({ length: 600 }, (_, i) => ({ t: NOON + i, distance: i }));
  const { values, warnings } = read({ from: 'log', at: 't' }, { log });
  expect(values).toHaveLength(500);
  expect(values.at(-1)).toMatchObject({ value: 0.599 });
  expect(warnings).toEqual(['log: 600 records, the last 500 are read']);
});

test('a part of records without a time is a fault that names it', () => {
  const parsed = Manifest.safeParse({ id: 'acme-x', measurements: LINES, records: { from: 'history' } });
  expect(parsed.error?.issues[0]?.path).toEqual(['records', 0, 'at']);
});
