import type { CanonicalValue, Quantity } from '@ronde/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedData } from '../../../tests/shared-data.ts';
import { differenceOf } from './cli/deep-equal.ts';
import { quantitiesOf } from './encode-values.ts';
import type { EncodeValues } from './encode-values.ts';
import type { LoadedType } from './read-type.ts';
import { loadTypes } from './load-types.ts';
import { NOT_STATED } from './manifest-defaults.ts';
import { BUILT_IN_TYPES } from './open-encoders.ts';
import { openSensorTypes } from './open-sensor-types.ts';
import type { SensorTypes } from './open-sensor-types.ts';
import type { TypeDecodeResult } from './type-decoder.ts';
import { simulatedValues } from './test-values.ts';
import { RECV_TIME, bytesOf, linesOf, plainDecoder } from './test-support.ts';

/** The built-in types; while a folder of own types is being tried, those alone. */
const OWN = process.env['SENSOR_TYPES_DIR'];
const DIRS = OWN === undefined ? [] : [OWN];
const { types: loaded, faults } = await loadTypes(OWN === undefined ? [BUILT_IN_TYPES] : DIRS);
let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes({ dirs: DIRS });
});
afterAll(() => types.close());

test('every folder is a valid sensor type with a unique id', () => {
  expect(faults).toEqual([]);
  expect(new Set(loaded.map(({ manifest }) => manifest.id)).size).toBe(loaded.length);
  expect(loaded.length).toBeGreaterThanOrEqual(OWN === undefined ? 60 : 1);
});

describe.each(loaded.map((type) => [type.manifest.id, type] as const))('%s', (id, type) => {
  const decode = (hex: string, fPort: number) => types.decode(id, { bytes: bytesOf(hex), fPort, recvTime: RECV_TIME });

  test.skipIf(OWN !== undefined)('says where its facts come from, and its licence', () => {
    const { source, licence, description } = type.manifest;
    expect([source, licence]).not.toContain(NOT_STATED);
    expect(description.length).toBeGreaterThan(20);
  });

  test('has at least three vectors, one of them with canonical values', () => {
    expect(type.examples.length).toBeGreaterThanOrEqual(3);
    expect(type.examples.some(({ canonical }) => (canonical?.length ?? 0) > 0)).toBe(true);
  });

  test.each(type.examples)('reproduces exactly: $description', async ({ input, output, canonical }) => {
    if ('record' in input) {
      expect(types.normaliseValues(id, input.record).values).toEqual(canonical);
      return;
    }
    const result = await decode(input.hex, input.fPort);
    if (!result.ok) {
      expect(result.errors).toEqual(output?.errors);
      return;
    }
    expect(result.data).toEqual(output?.data);
    if (OWN === undefined || canonical !== undefined) expect(result.values).toEqual(canonical);
  });
});

const withCodec = loaded.filter(({ codec }) => codec !== null);

describe.each(withCodec.map((type) => [type.manifest.id, type] as const))('%s', (id, type) => {
  const withBytes = type.examples.flatMap(({ input, ...rest }) => ('hex' in input ? [{ input, ...rest }] : []));
  const decode = (hex: string, fPort: number) => types.decode(id, { bytes: bytesOf(hex), fPort, recvTime: RECV_TIME });

  test('decodes the same in V8 as in the sandbox', async () => {
    const plain = plainDecoder(type);
    for (const { input } of withBytes) {
      const inV8 = JSON.parse(
        JSON.stringify(plain({ bytes: [...bytesOf(input.hex)], fPort: input.fPort, recvTime: new Date(RECV_TIME) })),
      ) as { data?: unknown };
      const result = await decode(input.hex, input.fPort);
      expect(result.ok ? result.data : undefined).toEqual(inV8.data);
    }
  });

  test('refuses a payload that lost its last byte, or tells less', async () => {
    for (const { input, output } of withBytes) {
      const whole = await decode(input.hex, input.fPort);
      // a warning says that the end could not be read anyway
      if (!whole.ok || output?.warnings) continue;
      const cut = await decode(input.hex.slice(0, -2), input.fPort);
      if (cut.ok) expect(JSON.stringify(cut.data).length, input.hex).toBeLessThan(JSON.stringify(whole.data).length);
    }
  });

  test('gives the same answer twice, and after another message in between', async () => {
    const first = await Promise.all(withBytes.map(({ input }) => decode(input.hex, input.fPort)));
    const again: TypeDecodeResult[] = [];
    for (const { input } of withBytes) {
      await decode('ff00ff00ff', input.fPort);
      again.push(await decode(input.hex, input.fPort));
    }
    expect(again).toEqual(first);
  });

  test.skipIf(id === 'plain')(
    'decodes what its encoder writes (plain devices are simulated by their values)',
    async () => {
      for (const values of SIMULATED) {
        const encoded = await types.encode(id, values);
        expect(encoded?.bytes.length).toBeGreaterThan(0);
        const result = await types.decode(id, { ...encoded!, recvTime: RECV_TIME });
        expect(result.ok, JSON.stringify(result)).toBe(true);
        if (result.ok) expectRoundTrip(type, values, result.values);
      }
    },
  );

  test.runIf(measuresLevel(type))('turns nothing seen into an invalid level', async () => {
    const encoded = await types.encode(id, { distanceM: null, battery: 1 });
    const result = await types.decode(id, { ...encoded!, recvTime: RECV_TIME });
    const levels = result.ok ? result.values.filter(({ quantity }) => LEVELS.has(quantity)) : [];
    expect(levels.length).toBeGreaterThan(0);
    for (const level of levels) {
      expect(level).toMatchObject({ quality: 'invalid', value: null });
      expect(level.flags).not.toEqual([]);
    }
  });
});

test('a batch of several types equals the single decodes, in order', async () => {
  const items = loaded.flatMap(({ manifest, examples }) =>
    examples.flatMap(({ input }) =>
      'hex' in input
        ? [{ id: manifest.id, input: { bytes: bytesOf(input.hex), fPort: input.fPort, recvTime: RECV_TIME } }]
        : [],
    ),
  );
  const single = await Promise.all(items.map(({ id, input }) => types.decode(id, input)));
  expect(await types.decodeBatch(items)).toEqual(single);
});

const examplesFile = sharedData('sensors/payload-examples.jsonl');

test.skipIf(!examplesFile || OWN !== undefined)(
  'agrees with the device repository on our devices (skipped: the public data set is not beside this checkout)',
  async () => {
    const lines = linesOf(examplesFile ?? '').map((line) => JSON.parse(line) as SharedLine);
    const byAlias = new Map(loaded.flatMap(({ manifest }) => manifest.aliases.map((alias) => [alias, manifest.id])));
    let compared = 0;
    for (const { id, routine, bytesHex, fPort, expected } of lines) {
      const type = byAlias.get(id.replace(/-codec#.*/, ''));
      if (routine !== 'decodeUplink' || type === undefined) continue;
      const result = await types.decode(type, { bytes: bytesOf(bytesHex), fPort, recvTime: RECV_TIME });
      const actual = result.ok ? { data: result.data } : { errors: result.errors };
      expect(differenceOf(expected, actual), id).toBeUndefined();
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(33);
  },
);

interface SharedLine {
  id: string;
  routine: string;
  bytesHex: string;
  fPort: number;
  expected: unknown;
}

/** How full it is; a device that measures one of these says so when it sees nothing. */
const LEVELS: ReadonlySet<string> = new Set<Quantity>(['distance', 'fill', 'waterLevel']);

function measuresLevel({ manifest }: LoadedType): boolean {
  const { measurements } = manifest;
  if (measurements === 'catalogue') return false;
  return Object.entries(measurements).some(([key, line]) => LEVELS.has(line.quantity ?? key));
}

/** What a device is for: the first line of its mapping. */
function mainQuantity({ manifest: { measurements } }: LoadedType): unknown {
  if (measurements === 'catalogue') return expect.anything();
  const [key, line] = Object.entries(measurements)[0] ?? [];
  return line?.quantity ?? key;
}

const SIMULATED: EncodeValues[] = [
  {
    distanceM: 0.52,
    temperatureC: 21.4,
    battery: 0.9,
    batteryVoltageV: 3.1,
    tilted: false,
    humidity: 0.4,
    pressurePa: 101_300,
    samples: 15,
    lidOpen: false,
    values: simulatedValues(0),
  },
  {
    distanceM: 2.345,
    temperatureC: -7.5,
    battery: 0.12,
    batteryVoltageV: 2.85,
    tilted: true,
    humidity: 0.99,
    pressurePa: 98_770,
    samples: 9,
    lidOpen: true,
    values: simulatedValues(1),
  },
  {
    distanceM: 3.2,
    temperatureC: 0,
    battery: 1,
    batteryVoltageV: 3.5,
    tilted: false,
    humidity: 0,
    pressurePa: 104_000,
    samples: 3,
    lidOpen: false,
    values: simulatedValues(2),
  },
];

/** Half of the coarsest step in which a device sends each: whole degrees, tenths of a volt, centimetres, per cent. */
const HALF_STEP: Partial<Record<Quantity, number>> = {
  temperature: 0.5,
  tiltAngle: 0.5,
  pressure: 0.5,
  batteryVoltage: 0.05,
};
const HALF_STEP_ELSE = 0.005;

/** Every quantity that comes back must be the one that went in, to the device's resolution. */
function expectRoundTrip(type: LoadedType, values: EncodeValues, back: CanonicalValue[]): void {
  const sent = quantitiesOf(values);
  expect(back.map(({ quantity }) => quantity)).toContainEqual(mainQuantity(type));
  if (measuresLevel(type)) expect(back.some(({ quantity }) => LEVELS.has(quantity))).toBe(true);
  for (const { quantity, value, quality } of back) {
    const difference = Math.abs((value ?? NaN) - (sent.get(quantity) ?? NaN));
    expect(difference, `${type.manifest.id} ${quantity} ${value}`).toBeLessThanOrEqual(
      (HALF_STEP[quantity] ?? HALF_STEP_ELSE) + 1e-9,
    );
    expect(quality).not.toBe('invalid');
  }
}
