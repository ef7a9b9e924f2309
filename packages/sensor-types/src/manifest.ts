import { Id, Quality, QuantityName, ReadingFlag, Unit, isQuantity } from '@ronde/contracts';
import { z } from 'zod';
import { durationToSeconds } from './duration.ts';

const Duration = z
  .string()
  .refine((text) => durationToSeconds(text) !== undefined, 'an ISO 8601 duration such as PT1H or PT10M');

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** When another decoded field says something about this one: few samples, a tilted housing. */
export const QualityRule = z
  .strictObject({
    when: z.string(),
    equals: Scalar.optional(),
    below: z.number().optional(),
    above: z.number().optional(),
    flag: ReadingFlag,
    quality: Quality.default('suspect'),
  })
  .refine((rule) => rule.equals !== undefined || rule.below !== undefined || rule.above !== undefined, {
    message: 'give one of equals, below, above',
  });
export type QualityRule = z.infer<typeof QualityRule>;

/** One line of the mapping: where a quantity stands in the decoded data and how to read it. */
export const Measurement = z.strictObject({
  /** Catalogue name; absent: the line's own key. */
  quantity: QuantityName.optional(),
  chamber: Id.optional(),
  /** Path in the decoded data (`distance.value`), or several of which the first present one counts. */
  from: z.union([z.string(), z.array(z.string()).min(1)]),
  /** Unit of the decoded number; absent: the catalogue's. */
  unit: Unit.optional(),
  parse: z.enum(['number', 'number-with-unit']).default('number'),
  /** Codes that mean "no value": exact texts or numbers, or a comparison such as "<280" in the decoded unit. */
  invalid: z.array(Scalar).default([]),
  /** Text to number, for states: {tilt: 1, normal: 0}. */
  map: z.record(z.string(), z.union([z.number(), z.boolean()])).optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** One minus the value, for "remaining" instead of "filled"; fractions only. */
  invert: z.boolean().default(false),
  /** What the device can measure, in the decoded unit; outside it the value is suspect. */
  range: z.tuple([z.number(), z.number()]).optional(),
  quality: z.array(QualityRule).default([]),
});
export type Measurement = z.infer<typeof Measurement>;

/** One named setting that can be sent to the device. */
const Setting = z.strictObject({
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
});
export const Downlinks = z.record(z.string(), Setting);
export type Downlinks = z.infer<typeof Downlinks>;

/** `sensor.yaml`: everything Ronde knows of a sensor type beside its codec. */
export const Manifest = z
  .strictObject({
    id: Id,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version has three numbers: 1.0.0'),
    vendor: z.string().min(1),
    model: z.string().min(1),
    description: z.string().min(1),
    /** The codec's file; absent when the type has no bytes. */
    codec: z.string().optional(),
    /** Empty: any port. */
    fPorts: z.array(z.number().int().min(1).max(255)).default([]),
    expectedInterval: Duration.optional(),
    /** Width of the frame counter that the device itself sends, bits. */
    counterBits: z.union([z.literal(8), z.literal(12), z.literal(16), z.literal(32)]).optional(),
    measurements: z.union([z.literal('catalogue'), z.record(z.string(), Measurement)]),
    geometry: z
      .strictObject({ blindZoneM: z.number().min(0).optional(), maxDistanceM: z.number().positive().optional() })
      .default({}),
    health: z.strictObject({ stuckAfter: Duration.optional(), silentAfter: Duration.optional() }).default({}),
    /** Names of the same device elsewhere (LoRaWAN device repository: vendor/model). */
    aliases: z.array(z.string()).default([]),
    source: z.string().min(1),
    links: z.array(z.url()).default([]),
    licence: z.string().min(1),
  })
  .superRefine((manifest, context) => {
    if (manifest.measurements === 'catalogue') return;
    for (const [key, line] of Object.entries(manifest.measurements)) {
      if (line.quantity === undefined && !isQuantity(key))
        context.addIssue({
          code: 'custom',
          path: ['measurements', key],
          message: `"${key}" is no quantity of the catalogue; give one in "quantity"`,
        });
    }
  });
export type Manifest = z.infer<typeof Manifest>;
