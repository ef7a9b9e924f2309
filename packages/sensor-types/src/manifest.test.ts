import { expect, test } from 'vitest';
import { normalise } from './normalise.ts';
import { typeFromFiles } from './type-from-files.ts';

const CODEC = 'function decodeUplink(input) { return { data: {} }; }';

async function faultsOf(sensorYaml: string): Promise<string[]> {
  const { faults } = await typeFromFiles({ sensorYaml, codecJs: CODEC });
  return faults.map(({ field, message }) => `${field.replace('files.sensorYaml: ', '')}: ${message}`);
}

test('id and measurements are enough: the rest has defaults', async () => {
  const { type, faults } = await typeFromFiles({
    sensorYaml: 'id: acme-bin-200\nmeasurements:\n  distance: { from: d, unit: mm }\n  temperature: t\n',
    codecJs: CODEC,
  });
  expect(faults).toEqual([]);
  expect(type?.codec).toBe(CODEC);
  expect(type?.manifest).toMatchObject({
    version: '1.0.0',
    vendor: 'Acme',
    model: 'BIN-200',
    description: 'Acme BIN-200',
    fPorts: [],
    geometry: { prefer: 'geometry' },
  });
  expect(type?.manifest.measurements).toMatchObject({ temperature: { quantity: 'temperature', from: ['t'] } });
});

test('keys may be written with underscores, and lengths, durations and versions as people write them', async () => {
  const { type, faults } = await typeFromFiles({
    sensorYaml: `
id: acme-x
version: 1.2
f_ports: 2
license: EUPL-1.2
links: { data_sheet: https://example.org/x.pdf }
alias: acme/x
measurements:
  battery_voltage: { from: BatV, unit: volts, chemistry: Li-SOCl2 }
  distance/left: { from: d, unit: millimetre, quality: n }
geometry: { blind_zone: 280 mm, max_distance: "7,5 m", mounting_offset: 5 cm, angle: 10°, empty_distance: per-bin, shape: bag }
health: { expected_interval: 15m, counter: { bits: 8, from: tx }, stuck_after: 4d, tilt: { above_deg: 20 }, fire: { above_c: 60, rise_per_min_c: 5 } }
settings: { interval: { description: Interval., f_port: 2, data: { s: "{s}" } } }
`,
    codecJs: CODEC,
  });
  expect(faults).toEqual([]);
  expect(type?.manifest).toMatchObject({
    version: '1.2.0',
    fPorts: [2],
    licence: 'EUPL-1.2',
    links: ['https://example.org/x.pdf'],
    aliases: ['acme/x'],
    expectedInterval: '15m',
    counterBits: 8,
    counterFrom: 'tx',
    geometry: { blindZoneM: 0.28, maxDistanceM: 7.5, offsetM: 0.05, angleDeg: 10, shape: { kind: 'bag' } },
    health: { stuckAfter: '4d', battery: { chemistry: 'li-socl2' }, tilt: { aboveDeg: 20 }, fire: { aboveC: 60 } },
    measurements: {
      battery_voltage: { quantity: 'batteryVoltage', unit: 'V' },
      'distance/left': { quantity: 'distance', chamber: 'left', unit: 'mm' },
    },
  });
  expect(Object.keys(type?.downlinks ?? {})).toEqual(['interval']);
});

test.each([
  ['measurements: { wibble: { from: x } }', /^measurements\.wibble\.quantity: .*"wibble" is no quantity.*"quantity"/],
  ['measurements: { distance: { from: x, unit: furlong } }', /^measurements\.distance\.unit: "furlong".*mm, cm, m/],
  ['measurements: { distance: { from: x, unit: V } }', /^measurements\.distance\.unit: "V".*mm, cm, m/],
  ['measurements: { fill: { from: x } }', /^measurements\.fill\.unit: say whether .* percent/],
  ['measurements: { distance: { unit: mm } }', /^measurements\.distance\.from: .*field/],
  ['measurements: { distance: { from: "a[" } }', /^measurements\.distance\.from\.0: is no path/],
  ['measurements: { distance: { from: x, invert: true } }', /^measurements\.distance\.invert: only a fraction/],
  ['measurements: { distance: { from: x, invald: [0] } }', /^measurements\.distance: "invald" is no key.*invalid/],
  ['measurements: { distance: { from: x, invalid: { 0: NONSENSE } } }', /^measurements\.distance\.invalid/],
  ['measurements: { distance: { from: x, quality: { when: y, flag: TILTED } } }', /quality.*give one of equals/],
  ['measurements: { distance: d }\ngeometry: { blind_zone: 280 furlong }', /^geometry\.blind_zone: "280 furlong"/],
  ['measurements: { distance: d }\nexpected_interval: often', /^expected_interval: is no duration; write PT1H/],
  ['measurements: { distance: d }\nwibble: 1', /"wibble" is no key of this part; known: id, version/],
  ['measurements: { distance: d }\nversion: one', /^version: .*1\.0\.0/],
  ['codec: codec.js', /^measurements: is missing/],
])('%s is a fault that names the field and the remedy', async (yaml, expected) => {
  const faults = await faultsOf(`id: acme-x\n${yaml}\n`);
  expect(faults.join('\n')).toMatch(new RegExp(expected.source, 'm'));
  expect(faults).toHaveLength(1);
});

test('a manifest may say everything, as the design of the platform writes it', async () => {
  const { type, faults } = await typeFromFiles({
    sensorYaml: `
id: acme-x
measurements:
  distance: {from: data.Distance, unit: mm, parse: number-with-unit, invalid: ["No Sensor","Invalid Reading", "<280"], quality: data.number_of_valid_samples}
  fill: {derive: geometry(distance)}
  battery: {from: data.BatV, unit: V, chemistry: li-socl2}
  tilt: {from: data.position, map: {tilt: true, normal: false}}
geometry: {empty_distance: per-bin, full_distance: per-bin, blind_zone: 280 mm, shape: per-container-model}
health: {expected_interval: PT1H, counter: {bits: 8, from: data.tx}, stuck_after: PT96H}
`,
    codecJs: CODEC,
    examplesYaml: `
- { input: { fPort: 2, bytes: [13, 59] }, output: { data: {} }, normalized: [{ quantity: distance, value: 1500, unit: mm }] }
`,
  });
  expect(faults).toEqual([]);
  expect(type?.examples).toEqual([
    {
      description: '',
      input: { fPort: 2, hex: '0d3b' },
      output: { data: {} },
      canonical: [{ quantity: 'distance', value: 1.5, unit: 'm', quality: 'ok', flags: [] }],
    },
  ]);
  const { values } = normalise(type!.manifest, {
    Distance: '2799 mm',
    BatV: 3.387,
    position: 'tilt',
    number_of_valid_samples: 5,
    tx: 12,
  });
  expect(values.map(({ quantity, value }) => [quantity, value])).toEqual([
    ['distance', 2.799],
    ['batteryVoltage', 3.387],
    ['tilt', 1],
  ]);
});
