import { z } from 'zod';

/** One line of an examples file (`ronde codec check`, `ronde normalise check`). */
export const ExampleLine = z.looseObject({
  id: z.string(),
  type: z.string().optional(),
  script: z.string().optional(),
  vendor: z.string().optional(),
  devices: z.array(z.string()).optional(),
  routine: z.enum(['decodeUplink', 'encodeDownlink', 'decodeDownlink', 'normalizeUplink']).default('decodeUplink'),
  fPort: z.number().int().nullish(),
  bytesHex: z.string().nullish(),
  input: z.record(z.string(), z.unknown()).nullish(),
  inputData: z.record(z.string(), z.unknown()).nullish(),
  recvTime: z.string().nullish(),
  expected: z
    .looseObject({
      data: z.unknown().optional(),
      errors: z.array(z.unknown()).nullish(),
      warnings: z.array(z.unknown()).nullish(),
      fPort: z.number().nullish(),
      bytesHex: z.string().nullish(),
      bytes: z.union([z.array(z.number()), z.string()]).nullish(),
    })
    .default({}),
  canonical: z
    .array(
      z.looseObject({
        quantity: z.string(),
        value: z
          .union([z.number(), z.boolean()])
          .nullish()
          .transform((value) => value ?? null),
        unit: z.string().optional(),
        quality: z.string().optional(),
        chamber: z.string().optional(),
      }),
    )
    .optional(),
});
export type ExampleLine = z.infer<typeof ExampleLine>;

export type ReadLine = { ok: true; line: ExampleLine } | { ok: false; id: string; why: string };

/** Reads one line, JSON text or already parsed; a malformed one is a value with its reason, so that a check reports it. */
export function readLine(given: unknown, number: number): ReadLine {
  try {
    const parsed = ExampleLine.safeParse(typeof given === 'string' ? JSON.parse(given) : given);
    if (parsed.success) return { ok: true, line: parsed.data };
    const issue = parsed.error.issues[0];
    return { ok: false, id: `line ${number}`, why: `${issue?.path.join('.')}: ${issue?.message}` };
  } catch {
    return { ok: false, id: `line ${number}`, why: 'not a line of JSON' };
  }
}

export const DEFAULT_RECV_TIME = '2026-01-01T00:00:00.000Z';
