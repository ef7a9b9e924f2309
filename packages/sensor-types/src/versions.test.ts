import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { BUILT_IN_TYPES } from './open-encoders.ts';
import { openSensorTypes } from './open-sensor-types.ts';
import type { SensorTypes } from './open-sensor-types.ts';
import type { LoadedType } from './read-type.ts';
import { RECV_TIME, bytesOf } from './test-support.ts';
import { openTrial } from './trial.ts';
import type { Trial } from './trial.ts';
import { typeFromFiles } from './type-from-files.ts';
import { canaryBucket, compareVersions } from './version-table.ts';

const SENSOR_YAML = `
id: acme-one
version: 1.0.0
vendor: Acme
model: One
description: A test sensor.
codec: codec.js
measurements: { distance: { from: mm, unit: mm } }
source: made up
licence: EUPL-1.2
`;
const CODEC = 'function decodeUplink(input) { return { data: { mm: input.bytes[0] * 10 } }; }';
const EXAMPLES = `
- description: one byte
  input: { fPort: 1, hex: '64' }
  output: { data: { mm: 1000 } }
  canonical: [{ quantity: distance, value: 1, unit: m, quality: ok, flags: [] }]
`;

async function acme(version: string, codecJs = CODEC, examplesYaml = EXAMPLES): Promise<LoadedType> {
  const sensorYaml = SENSOR_YAML.replace('1.0.0', version);
  const { type, faults } = await typeFromFiles({ sensorYaml, codecJs, examplesYaml });
  if (!type) throw new Error(JSON.stringify(faults));
  return type;
}

let types: SensorTypes;
let trial: Trial;
beforeAll(async () => {
  types = await openSensorTypes();
  trial = await openTrial();
});
afterAll(async () => {
  await types.close();
  await trial.close();
});

const INPUT = { bytes: bytesOf('64'), fPort: 1, recvTime: RECV_TIME };
const valueOf = async (version?: string): Promise<number | null | undefined> => {
  const result = await types.decode('acme-one', INPUT, version);
  return result.ok ? result.values[0]?.value : undefined;
};

test('versions come and go at run time, and each decodes beside the others', async () => {
  expect(types.get('acme-one')).toBeUndefined();
  const first = await acme('1.0.0');
  const second = await acme('1.1.0', CODEC.replace('10', '20'));
  types.setPublished('acme-one', [{ type: first, status: 'active', canaryPercent: 0 }]);
  expect(types.list().find(({ id }) => id === 'acme-one')).toMatchObject({
    version: '1.0.0',
    quantities: ['distance'],
  });
  expect(await valueOf()).toBe(1);
  types.setPublished('acme-one', [
    { type: first, status: 'superseded', canaryPercent: 0 },
    { type: second, status: 'active', canaryPercent: 0 },
  ]);
  expect([await valueOf(), await valueOf('1.0.0'), await valueOf('1.1.0'), await valueOf('9.9.9')]).toEqual([
    2,
    1,
    2,
    undefined,
  ]);
  types.setPublished('acme-one', []);
  expect(types.get('acme-one')).toBeUndefined();
});

test('a draft that comes again with another codec under the same number runs the new one', async () => {
  types.setPublished('acme-one', [{ type: await acme('3.0.0'), status: 'draft', canaryPercent: 0 }]);
  expect(await valueOf('3.0.0')).toBe(1);
  const again = await acme('3.0.0', CODEC.replace('10', '30'));
  types.setPublished('acme-one', [{ type: again, status: 'draft', canaryPercent: 0 }]);
  expect(await valueOf('3.0.0')).toBe(3);
});

test('a canary is used by its share of the devices, always the same ones, and more of them as the share grows', async () => {
  const active = await acme('1.0.0');
  const canary = await acme('1.1.0');
  const devices = Array.from({ length: 4_000 }, (_, n) => `device-${n}`);
  const usersAt = (canaryPercent: number): Set<string> => {
    types.setPublished('acme-one', [
      { type: active, status: 'active', canaryPercent: 0 },
      { type: canary, status: 'canary', canaryPercent },
    ]);
    return new Set(devices.filter((id) => types.choose('acme-one', id)?.canary));
  };
  const ten = usersAt(10);
  // four standard deviations of a binomial of 4,000
  expect(Math.abs(ten.size - 400)).toBeLessThan(76);
  expect(usersAt(10)).toEqual(ten);
  const half = usersAt(50);
  expect([...ten].every((id) => half.has(id))).toBe(true);
  expect([usersAt(100).size, types.choose('acme-one', 'device-0')?.type.manifest.version]).toEqual([4_000, '1.1.0']);
  expect(canaryBucket(active, 'device-1')).not.toBe(canaryBucket(canary, 'device-1'));
});

test('a canary of a type that no version is active of leaves the other devices without one', async () => {
  types.setPublished('acme-one', [{ type: await acme('1.0.0'), status: 'canary', canaryPercent: 0.0001 }]);
  expect(types.choose('acme-one', 'device-0')).toBeUndefined();
});

test('of a built-in version and one in a further folder the higher number is active, and both are there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ronde-versions-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const mine = join(folder, 'elsys-elt');
  cpSync(join(BUILT_IN_TYPES, 'elsys-elt'), mine, { recursive: true });
  const yaml = join(mine, 'sensor.yaml');
  const builtIn = types.get('elsys-elt')!.manifest.version;
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace(`version: ${builtIn}`, 'version: 99.0.0'));
  const both = await openSensorTypes({ dirs: [folder] });
  onTestFinished(() => both.close());
  expect(both.list().filter(({ id }) => id === 'elsys-elt')).toMatchObject([{ version: '99.0.0' }]);
  expect(both.inFolders('elsys-elt').map(({ manifest }) => manifest.version)).toEqual(['99.0.0', builtIn]);
  expect(both.get('elsys-elt', builtIn)?.dir).toBe(join(BUILT_IN_TYPES, 'elsys-elt'));
});

test('faults of files name the member and the field, all at once', async () => {
  const { type, faults } = await typeFromFiles({ sensorYaml: 'id: "no id"\nversion: x', examplesYaml: '- {}' });
  expect(type).toBeUndefined();
  const fields = faults.map(({ field }) => field);
  expect(fields).toEqual(expect.arrayContaining(['files.sensorYaml: id', 'files.sensorYaml: version']));
  expect(fields.some((field) => field.startsWith('files.examplesYaml: 0'))).toBe(true);
  const noCodec = await typeFromFiles({ sensorYaml: SENSOR_YAML, examplesYaml: EXAMPLES });
  expect(noCodec.faults.map(({ field }) => field)).toEqual(['files.codecJs: codec']);
});

test.each([
  ['another value', CODEC.replace('10', '11'), /data.mm: expected 1000, got 1100/],
  ['a refusal', 'function decodeUplink() { return { errors: ["no"] }; }', /refused: no/],
  ['an endless loop', 'function decodeUplink() { for (;;) {} }', /refused: .*(long|killed)/],
  ['no decoder', 'var x = 1;', /refused: /],
])('an example that gives %s is told with what differs', async (_what, codec, why) => {
  const [outcome] = await trial.examples(await acme('1.0.0', codec));
  expect(outcome).toMatchObject({ description: 'one byte', ok: false, why: expect.stringMatching(why) as unknown });
});

test('every built-in type passes its own examples in a trial', async () => {
  for (const { id } of types.list()) {
    const type = types.get(id)!;
    if (type.dir === '') continue;
    expect((await trial.examples(type)).filter(({ ok }) => !ok)).toEqual([]);
  }
});

test.each([
  ['1.0.0', '1.0.1', -1],
  ['1.10.0', '1.9.9', 1],
  ['2.0.0', '2.0.0', 0],
])('version %s beside %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
