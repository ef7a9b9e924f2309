import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { beforeAll, expect, test } from 'vitest';
import { checkNormalise } from './check-normalise.ts';

/** A device whose bytes are the JSON text of what its decoder gives: any spelling can be tried. */
const ECHO = 'function decodeUplink(i) { return { data: JSON.parse(String.fromCharCode.apply(null, i.bytes)) }; }';

type Case = [title: string, measurements: Record<string, unknown>, sent: unknown, expected?: unknown];

const MM = { distance: { from: 'd', unit: 'mm' } };

const RIGHT: Case[] = [
  ['a distance in millimetres', { distance: { from: 'distance', unit: 'mm' } }, { distance: 2116 }],
  ['a distance in centimetres by its name', { distance: { from: 'distance1_cm', unit: 'cm' } }, { distance1_cm: 79.2 }],
  ['camel case with unit', { distance: { from: 'distanceCm', unit: 'cm' } }, { distanceCm: 62 }],
  ['text with unit', { distance: { from: 'Distance', unit: 'mm' } }, { Distance: '2799 mm' }],
  [
    'wrapped value',
    { distance: { from: 'distance' } },
    { distance: { value: 1234, unit: 'mm', displayName: 'Distance' } },
  ],
  ['unit beside it', { distance: { from: 'distance', unit_from: 'unit' } }, { distance: 62, unit: 'cm' }],
  ['nested', { distance: { from: 'ultrasonic.distance', unit: 'mm' } }, { ultrasonic: { distance: 300, event: 'x' } }],
  [
    'labelled list',
    { distance: { from: 'points[label=Distance].value', unit: 'mm' } },
    { points: [{ label: 'Distance', value: 12, date: 'x' }] },
  ],
  ['level that is a distance', { distance: { from: 'level', unit: 'mm' } }, { level: '2000 mm', full: false }],
  ['level that is a filling', { fill: { from: 'levelPercentage', unit: '%' } }, { levelPercentage: 50 }],
  [
    'filling and distance',
    { fill: { from: 'fillinglvl', unit: '%' }, distance: { from: 'proxx', unit: 'cm' } },
    { fillinglvl: 93, proxx: 49 },
  ],
  ['remaining', { fill: { from: 'remaining', unit: '%', invert: true } }, { remaining: 69 }],
  [
    'a median of several',
    { distance: { from: 'distance_median', unit: 'mm' } },
    { distance_median: 4510, distance_10th_percentile: 4490 },
  ],
  ['a setting and no level', MM, { OnDistanceThreshold: 50, distance_range: 5000 }],
  ['nothing but a battery', MM, { battery: 92, batteryLevel: 92 }],
];

const WRONG: Case[] = [
  [
    'another number than expected',
    { distance: { from: 'distance', unit: 'mm' } },
    { distance: 2116 },
    { distance: 2117 },
  ],
  [
    'millimetres where the name says centimetres',
    { distance: { from: 'distance_cm', unit: 'mm' } },
    { distance_cm: 62 },
  ],
  [
    'millimetres where the field beside says centimetres',
    { distance: { from: 'distance', unit: 'mm' } },
    { distance: 62, unit: 'cm' },
  ],
  ['another field', { distance: { from: 'lidar_temp', unit: 'mm' } }, { distance: 284, lidar_temp: 30 }],
  ['remaining taken for filled', { fill: { from: 'remaining', unit: '%' } }, { remaining: 69 }],
  ['filled taken for remaining', { fill: { from: 'fillLevel', unit: '%', invert: true } }, { fillLevel: 69 }],
  ['percent taken for a fraction', { fill: { from: 'fillPercent', unit: 'fraction' } }, { fillPercent: 1 }],
  ['nothing read where a distance stands', { distance: { from: 'dist_mm', unit: 'mm' } }, { distance: 300 }],
  [
    'nothing read where the device says that it sees nothing',
    { distance: { from: 'd', unit: 'mm' } },
    { distance: 'No Sensor' },
  ],
  ['a distance out of nothing', { distance: { from: 'reading', unit: 'mm' } }, { reading: 1234 }],
  ['a full register passed on', { waterLevel: { from: 'level', unit: 'mm', range: [0, 1e5] } }, { level: 65535 }],
  [
    'one right and one wrong',
    { distance: { from: 'distance', unit: 'mm' }, fill: { from: 'fill', unit: '%' } },
    { distance: 300, fill: 50 },
    { distance: 300, fill: 40 },
  ],
];

const INVALID: Case[] = [
  ['a text for no value', { distance: { from: 'distance', unit: 'mm' } }, { distance: 'No Sensor' }],
  ['a code for no value', { distance: { from: 'distance', unit: 'mm', invalid: [65535] } }, { distance: 65535 }],
  ['a number that nothing can measure', { distance: { from: 'distance', unit: 'mm' } }, { distance: 65535 }],
  ['null', { distance: { from: 'distance', unit: 'mm' } }, { distance: null }],
];

const UNMAPPED: Case[] = [
  ['a depth that may be a level', MM, { depth: 300 }],
  ['a type that maps no level', { temperature: { from: 't' } }, { t: 20 }],
];

const CASES = Object.entries({ right: RIGHT, wrong: WRONG, invalid: INVALID, unmapped: UNMAPPED }).flatMap(
  ([kind, cases]) => cases.map((one, i) => ({ kind, id: `acme-${kind}${i}`, one })),
);
let failures: Map<string, string>;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ronde-own-'));
  writeFileSync(join(folder, 'echo.js'), ECHO);
  for (const { id, one } of CASES)
    writeFileSync(join(folder, `${id}.yaml`), stringify({ codec: 'echo.js', measurements: one[1] }));
  const lines = CASES.map(({ id, one: [, , sent, expected = sent] }) => ({
    id,
    bytesHex: Buffer.from(JSON.stringify(sent)).toString('hex'),
    expected: { data: expected },
  }));
  const report = await checkNormalise(lines, [folder]);
  rmSync(folder, { recursive: true, force: true });
  expect(report.faults).toEqual([]);
  expect(report.total).toBe(CASES.length);
  failures = new Map(report.failures.map(({ id, why }) => [id, why]));
});

test.each(CASES.map(({ kind, id, one }) => [kind, one[0], id] as const))('%s: %s', (kind, _, id) => {
  expect(failures.get(id) ?? 'right:').toMatch(new RegExp(`^${kind}:`));
});
