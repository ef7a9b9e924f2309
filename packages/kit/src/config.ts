import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Fault, Result } from '@ronde/contracts';

export type Env = Record<string, string | undefined>;

/** A yes/no variable: on, true, 1, yes or off, false, 0, no. */
export const Switch = z.stringbool({ truthy: ['on', 'true', '1', 'yes'], falsy: ['off', 'false', '0', 'no'] });

/**
 * Reads a service's configuration from environment variables; empty ones count as absent, and `NAME_FILE`
 * gives the content of a file for NAME.
 * @returns the frozen configuration, or every fault at once
 */
export function readConfig<T extends z.ZodObject>(schema: T, env: Env): Result<Readonly<z.infer<T>>> {
  const raw: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const name of Object.keys(schema.shape)) {
    const file = env[`${name}_FILE`];
    if (env[name]) raw[name] = env[name];
    else if (file) {
      try {
        raw[name] = readFileSync(file, 'utf8').trim();
      } catch (error) {
        faults.push({
          field: `${name}_FILE`,
          code: 'CONFIG_INVALID',
          message: `cannot be read: ${(error as Error).message}`,
        });
      }
    }
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success && faults.length === 0) return { ok: true, value: Object.freeze(parsed.data) };
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path.join('.');
    const description = (schema.shape[field] as z.ZodType | undefined)?.description;
    faults.push({ field, code: 'CONFIG_INVALID', message: issue.message, ...(description && { remedy: description }) });
  }
  return { ok: false, faults };
}
