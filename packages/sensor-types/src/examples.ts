import { CanonicalValue, QuantityName, convertUnit, quantityOf, unitFromText } from '@ronde/contracts';
import { z } from 'zod';
import { isRecord } from './known-keys.ts';

const Hex = z.string().regex(/^([0-9a-fA-F]{2})*$/, 'an even number of hexadecimal digits');

/** One vector of `examples.yaml`: bytes or a plain record in, decoded data and canonical values out. */
const ExampleObject = z
  .strictObject({
    description: z.string(),
    input: z.union([
      z.strictObject({
        fPort: z.number().int().min(0).max(255),
        hex: Hex,
        recvTime: z.iso.datetime({ offset: true }).optional(),
      }),
      z.strictObject({ record: z.record(z.string(), z.unknown()) }),
    ]),
    output: z
      .strictObject({
        data: z.record(z.string(), z.unknown()).optional(),
        errors: z.array(z.string()).optional(),
        warnings: z.array(z.string()).optional(),
      })
      .optional(),
    canonical: z.array(CanonicalValue).optional(),
  })
  .refine((example) => example.output !== undefined || example.canonical !== undefined, 'give output or canonical');
export const Example = z.preprocess(toExample, ExampleObject);
export type Example = z.infer<typeof Example>;

/** The device repository writes bytes as a list of numbers; `normalized` is another word for the canonical values. */
function toExample(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const { normalized, normalised = normalized, canonical = normalised, input, ...rest } = given;
  return {
    description: '',
    ...rest,
    input: isRecord(input) && Array.isArray(input['bytes']) ? withHex(input) : input,
    ...(canonical !== undefined && { canonical: Array.isArray(canonical) ? canonical.map(toCanonical) : canonical }),
  };
}

function withHex({ bytes, ...input }: Record<string, unknown>): Record<string, unknown> {
  return { fPort: 1, ...input, hex: Buffer.from(bytes as number[]).toString('hex') };
}

/** A value in another unit of its quantity is converted; what is not said is plain: the catalogue's unit, ok, no flags. */
function toCanonical(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const quantity = QuantityName.safeParse(given['quantity']);
  if (!quantity.success) return given;
  const { unit: own } = quantityOf(quantity.data);
  const { unit, value } = given;
  const read = typeof unit === 'string' ? unitFromText(unit, own) : undefined;
  const converted = read && typeof value === 'number' ? convertUnit(value * read.factor, read.code, own) : value;
  return { quality: 'ok', flags: [], ...given, unit: read || unit === undefined ? own : unit, value: converted };
}

export const Examples = z.preprocess((given) => given ?? [], z.array(Example));
