import { CanonicalValue } from '@ronde/contracts';
import { z } from 'zod';

const Hex = z.string().regex(/^([0-9a-fA-F]{2})*$/, 'an even number of hexadecimal digits');

/** One vector of `examples.yaml`: bytes or a plain record in, decoded data and canonical values out. */
export const Example = z
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
export type Example = z.infer<typeof Example>;

export const Examples = z.preprocess((given) => given ?? [], z.array(Example));
