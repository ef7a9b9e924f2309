import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { durationToSeconds } from './duration.ts';
import { loadTypes } from './load-types.ts';
import { BUILT_IN_TYPES, openEncoders } from './open-encoders.ts';
import { openSensorTypes } from './open-sensor-types.ts';
import { RECV_TIME, bytesOf } from './test-support.ts';

const SCAFFOLD = fileURLToPath(new URL('../../../tools/new-sensor-type.mjs', import.meta.url));

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ronde-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const scaffold = (folder: string, ...args: string[]): string =>
  execFileSync(process.execPath, [SCAFFOLD, ...args, '--into', folder], { encoding: 'utf8', stdio: 'pipe' });

test.each([
  ['with a codec', []],
  ['of byte fields', ['--fields']],
])('a scaffolded type %s decodes its examples and encodes at once', async (_, options) => {
  const folder = tempFolder();
  expect(scaffold(folder, 'acme-bin200', ...options)).toContain('npm test -- sensor-types/src/conformance');
  const types = await openSensorTypes({ dirs: [folder] });
  onTestFinished(() => types.close());
  const type = types.get('acme-bin200');
  expect(type?.manifest).toMatchObject({ vendor: 'Acme', model: 'BIN200' });
  expect(type?.examples.length).toBeGreaterThanOrEqual(3);
  for (const { input, output, canonical } of type?.examples ?? []) {
    const { hex, fPort } = input as { hex: string; fPort: number };
    const result = await types.decode('acme-bin200', { bytes: bytesOf(hex), fPort, recvTime: RECV_TIME });
    if (result.ok) expect([result.data, result.values]).toEqual([output?.data, canonical]);
    else expect(result.errors).toEqual(output?.errors);
  }
  const sent = await types.encode('acme-bin200', { distanceM: 1.5, temperatureC: 21.5, battery: 0.8, tilted: false });
  expect(sent?.bytes).toEqual(bytesOf('05dc00d75000'));
});

test("a type around a vendor's codec starts with the mapping that its fields suggest", async () => {
  const folder = tempFolder();
  const codec = join(folder, 'vendor.js');
  writeFileSync(
    codec,
    'function Decoder(b) { return { Bat: b[0] / 10, Distance: b[1] * 256 + b[2] + " mm", temp: b[3], remaining: 69 }; }',
  );
  scaffold(join(folder, 'types'), 'acme-level', '--codec', codec, '--example', '2:240aef15');
  const types = await openSensorTypes({ dirs: [join(folder, 'types')] });
  onTestFinished(() => types.close());
  const result = await types.decode('acme-level', { bytes: bytesOf('240aef15'), fPort: 2, recvTime: RECV_TIME });
  expect(result.ok && result.values.map(({ quantity, value }) => [quantity, value])).toEqual([
    ['distance', 2.799],
    ['fill', 0.31],
    ['batteryVoltage', 3.6],
    ['temperature', 21],
  ]);
  expect(types.get('acme-level')?.examples).toMatchObject([{ output: { data: { Bat: 3.6 } } }]);
});

test('the scaffolder refuses what it cannot do, and says why', () => {
  const folder = tempFolder();
  const codec = join(folder, 'vendor.js');
  writeFileSync(codec, '');
  const refused =
    (...args: string[]) =>
    () =>
      scaffold(folder, ...args);
  expect(refused('Not An Id')).toThrow(/is no id/);
  expect(refused('acme-x', '--wibble')).toThrow(/wibble/);
  expect(refused('acme-x', '--codec', join(folder, 'none.js'))).toThrow(/there is no file/);
  expect(refused('acme-x', '--codec', codec, '--fields')).toThrow(/exclude each other/);
  expect(refused('acme-x', '--codec', codec, '--example', 'two:zz')).toThrow(/no PORT:HEX/);
  expect(refused('acme-x', '--example', '2:00')).toThrow(/needs --codec/);
  scaffold(folder, 'acme-bin300');
  expect(refused('acme-bin300')).toThrow(/exists already/);
});

test('types are found as single files and in nested folders, with the codec beside them', async () => {
  const folder = tempFolder();
  const codec = 'function decodeUplink(i) { return { data: { d: i.bytes[0] } }; }';
  mkdirSync(join(folder, 'acme', 'bin200'), { recursive: true });
  mkdirSync(join(folder, 'vendor'));
  mkdirSync(join(folder, '_hidden'));
  writeFileSync(join(folder, 'vendor', 'script.js'), codec);
  writeFileSync(join(folder, 'acme', 'bin200', 'sensor.yaml'), 'measurements: { distance: { from: d, unit: cm } }\n');
  writeFileSync(join(folder, 'acme', 'bin200', 'codec.js'), codec);
  writeFileSync(
    join(folder, 'other-x1.yml'),
    'codec: vendor/script.js\nmeasurements: { distance: { from: d, unit: cm } }\n',
  );
  writeFileSync(join(folder, 'third-x2.yaml'), 'measurements: { distance: { from: d, unit: cm } }\n');
  writeFileSync(join(folder, 'third-x2.js'), codec);
  writeFileSync(
    join(folder, 'third-x2.examples.yaml'),
    '- { description: one, input: { fPort: 1, hex: "05" }, canonical: [] }\n',
  );
  writeFileSync(join(folder, '_hidden', 'sensor.yaml'), 'nonsense');
  const absolute = join(folder, 'vendor', 'script.js');
  writeFileSync(join(folder, 'absolute-x3.yaml'), `codec: ${absolute}\nmeasurements: { temperature: d }\n`);
  const { types, faults } = await loadTypes([folder]);
  expect(faults).toEqual([]);
  expect(types.map(({ manifest, codec: text, examples }) => [manifest.id, text === codec, examples.length])).toEqual([
    ['absolute-x3', true, 0],
    ['acme-bin200', true, 0],
    ['other-x1', true, 0],
    ['third-x2', true, 1],
  ]);
});

test('all faults of all folders are reported with file and field', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'one'));
  writeFileSync(
    join(folder, 'one', 'sensor.yaml'),
    'id: "bad id"\nversion: one\nmeasurements: { wibble: { from: x } }\n',
  );
  mkdirSync(join(folder, 'two'));
  cpSync(join(BUILT_IN_TYPES, 'dragino-ldds75'), join(folder, 'two'), { recursive: true });
  const { types, faults } = await loadTypes([BUILT_IN_TYPES, folder]);
  const fields = faults.map(({ field }) => field.replace(folder, ''));
  for (const name of ['/one/sensor.yaml: id', '/one/sensor.yaml: version', '/two/sensor.yaml: id']) {
    expect(fields).toContain(name);
  }
  expect(types.filter(({ manifest }) => manifest.id === 'dragino-ldds75')).toHaveLength(1);
  await expect(openSensorTypes({ dirs: [folder] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a further folder that is not there is a fault', async () => {
  const gone = join(tempFolder(), 'gone');
  expect((await loadTypes([gone])).faults).toMatchObject([{ field: gone }]);
});

test('a codec file that is missing is a fault of its folder', async () => {
  const folder = tempFolder();
  cpSync(join(BUILT_IN_TYPES, 'dragino-ldds75'), join(folder, 'x'), { recursive: true });
  const manifest = readFileSync(join(folder, 'x', 'sensor.yaml'), 'utf8').replace('codec: codec.js', 'codec: gone.js');
  writeFileSync(join(folder, 'x', 'sensor.yaml'), manifest);
  const { faults } = await loadTypes([folder]);
  expect(faults.map(({ field }) => field)).toEqual([`${join(folder, 'x', 'gone.js')}: codec`]);
});

test.each([
  ['PT1H', 3600],
  ['P4D', 345_600],
  ['PT10M', 600],
  ['PT1.5S', 1.5],
  ['P1DT2H', 93_600],
  ['15m', 900],
  ['1 h', 3600],
  ['4d', 345_600],
])('%s is %i seconds', (text, seconds) => {
  expect(durationToSeconds(text)).toBe(seconds);
});

test.each(['', 'P', 'PT', '1', 'h', 'P1M', 'P1DT', '5 weeks'])('"%s" is no duration', (text) => {
  expect(durationToSeconds(text)).toBeUndefined();
});

test('every downlink setting names a routine that the codec has', async () => {
  const { types } = await loadTypes([BUILT_IN_TYPES]);
  const settings = types.filter(({ downlinks }) => Object.keys(downlinks).length > 0);
  expect(settings.length).toBeGreaterThan(0);
  for (const { codec } of settings) expect(codec).toContain('function encodeDownlink');
});

test('encoders open without a sandbox, and an unknown type is refused by code', async () => {
  const encoders = await openEncoders();
  const uplink = await encoders.encode('milesight-em310-udl', { distanceM: 2.116, battery: 0.92, tilted: true });
  expect(uplink).toEqual({ fPort: 85, bytes: bytesOf('01755c03824408040001') });
  expect(await encoders.encode('plain', { distanceM: 1 })).toBeUndefined();
  expect(await encoders.encoderOf('plain')).toBeUndefined();
  expect(
    (await encoders.encoderOf('milesight-em310-udl'))?.({ distanceM: 2.116, battery: 0.92, tilted: true }),
  ).toEqual(uplink);
  expect(encoders.manifests().map(({ id }) => id)).toContain('plain');
  await expect(encoders.encode('nobody', {})).rejects.toMatchObject({ code: 'SENSOR_TYPE_UNKNOWN' });
});
