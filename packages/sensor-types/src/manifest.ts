import { ContainerShape, Id, Unit } from '@ronde/contracts';
import { z } from 'zod';
import { Fields } from './byte-fields/schema.ts';
import { durationToSeconds } from './duration.ts';
import { camelKeys, isRecord, knownKeys, renamedKeys } from './known-keys.ts';
import { numberIn } from './lengths.ts';
import { withDefaults } from './manifest-defaults.ts';
import { Measurements } from './measurement.ts';
import { Records } from './records.ts';

export type { QualityRule } from './conditions.ts';
export type { Measurement } from './measurement.ts';

const Duration = z
  .string()
  .refine((text) => durationToSeconds(text) !== undefined, 'is no duration; write PT1H or PT10M, or 1h, 15m, 4d');

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** One named setting that can be sent to the device. */
const Setting = z.preprocess(
  (given) => renamedKeys(given, { fport: 'fPort' }),
  knownKeys({
    description: z.string(),
    fPort: z.number().int().min(1).max(223),
    /** Goes to the codec's encodeDownlink as `data`, with `{name}` places filled from the parameters. */
    data: z.record(z.string(), Scalar),
    parameters: z
      .record(
        z.string(),
        z.strictObject({ unit: Unit.optional(), min: z.number(), max: z.number(), description: z.string() }),
      )
      .default({}),
  }),
);
export const Downlinks = z.record(z.string(), Setting);
export type Downlinks = z.infer<typeof Downlinks>;

/** Where the sensor sees, and the usual container of a type that is sold with one; a device's own mounting wins. */
const Geometry = z.preprocess(
  (given) =>
    renamedKeys(given, {
      blindZone: 'blindZoneM',
      deadZone: 'blindZoneM',
      maxDistance: 'maxDistanceM',
      emptyDistance: 'emptyDistanceM',
      fullDistance: 'fullDistanceM',
      offset: 'offsetM',
      mountingOffset: 'offsetM',
      angle: 'angleDeg',
    }),
  knownKeys({
    /** Nearer than this the sensor sees nothing. */
    blindZoneM: numberIn('m').pipe(z.number().min(0).max(20)).optional(),
    /** Farther than this a distance is doubtful, unless its line has a `range`. */
    maxDistanceM: numberIn('m').pipe(z.number().positive().max(500)).optional(),
    emptyDistanceM: perBinOr(numberIn('m').pipe(z.number().positive().max(20))),
    fullDistanceM: perBinOr(numberIn('m').pipe(z.number().min(0).max(20))),
    offsetM: numberIn('m').pipe(z.number().min(-5).max(5)).optional(),
    angleDeg: numberIn('deg').pipe(z.number().min(0).max(80)).optional(),
    shape: perBinOr(z.preprocess((given) => (typeof given === 'string' ? { kind: given } : given), ContainerShape)),
    /** Which fill counts when the device works one out and the mounting is known too. */
    prefer: z.enum(['geometry', 'device']).default('geometry'),
  }).refine((g) => g.emptyDistanceM === undefined || g.emptyDistanceM > (g.fullDistanceM ?? 0), {
    path: ['emptyDistanceM'],
    message: 'must be greater than the full distance',
  }),
);

/** "per-bin", "per-container-model": said to be nobody's default. */
function perBinOr<S extends z.ZodType>(schema: S) {
  return z.preprocess(
    (given) => (typeof given === 'string' && given.startsWith('per-') ? undefined : given),
    schema.optional(),
  );
}

/** Energy model of the battery; voltages of lithium cells say nothing until the last weeks. */
const Battery = z.preprocess(
  camelKeys,
  knownKeys({
    chemistry: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['li-socl2', 'li-mno2', 'li-fes2', 'li-ion', 'alkaline', 'nimh', 'mains']))
      .optional(),
    capacityMah: z.number().positive().optional(),
    /** Charge that one uplink costs at spreading factor 7; each step up costs about double. */
    uplinkMc: z.number().positive().optional(),
    /** Current between messages, with the measuring. */
    sleepUa: z.number().min(0).optional(),
    selfDischargePerYear: z.number().min(0).max(1).optional(),
    lowV: numberIn('V').optional(),
    emptyV: numberIn('V').optional(),
  }),
);

const Health = z.preprocess(
  camelKeys,
  knownKeys({
    stuckAfter: Duration.optional(),
    silentAfter: Duration.optional(),
    battery: Battery.optional(),
    tilt: z.preprocess(camelKeys, knownKeys({ aboveDeg: numberIn('deg') })).optional(),
    /** Fire: hotter than this, or warming faster than this. */
    fire: z
      .preprocess(camelKeys, knownKeys({ aboveC: numberIn('Cel').optional(), risePerMinC: z.number().optional() }))
      .optional(),
  }),
);

const Links = z.preprocess((given) => (isRecord(given) ? Object.values(given) : [given].flat()), z.array(z.url()));

/** `sensor.yaml`: everything Ronde knows of a sensor type beside its codec. */
export const Manifest = z.preprocess(
  withDefaults,
  knownKeys({
    id: Id,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version has three numbers: 1.0.0'),
    vendor: z.string().min(1),
    model: z.string().min(1),
    description: z.string().min(1),
    /** The codec's file, relative to the manifest; absent when the type has no bytes. */
    codec: z.string().optional(),
    /** Instead of a codec: where the values stand in the bytes. */
    fields: Fields.optional(),
    /** Empty: any port. */
    fPorts: z.preprocess((given) => [given].flat(), z.array(z.number().int().min(1).max(255))).default([]),
    expectedInterval: Duration.optional(),
    /** Width of the frame counter that the device itself sends, bits. */
    counterBits: z.union([z.literal(8), z.literal(12), z.literal(16), z.literal(32)]).optional(),
    /** Where that counter stands in the decoded data. */
    counterFrom: z.string().optional(),
    measurements: Measurements,
    /** Readings that the device kept while it was offline, each with its own time. */
    records: Records.default([]),
    geometry: Geometry.default({ prefer: 'geometry' }),
    health: Health.default({}),
    /** Named settings, here or in downlinks.yaml. */
    settings: Downlinks.default({}),
    /** Names of the same device elsewhere (LoRaWAN device repository: vendor/model). */
    aliases: z.preprocess((given) => [given].flat(), z.array(z.string())).default([]),
    source: z.string().min(1),
    links: Links.default([]),
    licence: z.string().min(1),
  }).refine(({ codec, fields }) => codec === undefined || fields === undefined, {
    path: ['fields'],
    message: 'stand instead of a codec; leave one of both out',
  }),
);
export type Manifest = z.infer<typeof Manifest>;
