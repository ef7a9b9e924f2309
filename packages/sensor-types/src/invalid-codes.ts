import { READING_FLAGS } from '@ronde/contracts';
import type { ReadingFlag } from '@ronde/contracts';
import { z } from 'zod';
import { isRecord, knownKeys, renamedKeys } from './known-keys.ts';

const COMPARISON = /^(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)$/;
const SPAN = /^(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)$/;
const REASONS: ReadingFlag[] = [
  'SENTINEL',
  'NO_TARGET',
  'TOO_CLOSE',
  'TOO_FAR',
  'SENSOR_FAULT',
  'OUT_OF_RANGE',
  'UNREADABLE',
];
const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/**
 * A code that stands for "no value": exactly this text or number, a comparison (`<280`, `>=65533`) or a span
 * (`65533..65535`) in the decoded unit; `flag` says what it means. With `as` it means a bound instead, in the
 * decoded unit: kept as a censored value.
 */
export const InvalidCode = z.preprocess(
  (given) => (isRecord(given) ? renamedKeys(given, { codes: 'code', reason: 'flag', value: 'as' }) : { code: given }),
  knownKeys({
    code: z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(Scalar).min(1)),
    flag: z
      .enum(READING_FLAGS, {
        error: ({ input }) => `"${String(input)}" is no reason; use one of ${REASONS.join(', ')}`,
      })
      .default('SENTINEL'),
    as: z.number().optional(),
  }),
);
export type InvalidCode = z.infer<typeof InvalidCode>;

/** A list of codes, one code, or a table {code: FLAG}. */
export const InvalidCodes = z.preprocess((given) => {
  if (isRecord(given) && !('code' in given) && !('codes' in given))
    return Object.entries(given).map(([code, flag]) => ({ code, flag }));
  return Array.isArray(given) ? given : [given];
}, z.array(InvalidCode));

/** Finds the code that a decoded value is; `number` is the value as a number in the decoded unit, where it is one. */
export function codeOf(
  codes: readonly InvalidCode[],
  raw: unknown,
  number: number | undefined,
): InvalidCode | undefined {
  return codes.find(({ code }) => code.some((one) => isCode(one, raw, number)));
}

function isCode(code: string | number | boolean | null, raw: unknown, number: number | undefined): boolean {
  if (code === raw) return true;
  if (code === null || typeof code === 'boolean') return false;
  if (typeof code === 'number') return number !== undefined && isNear(code, number);
  if (typeof raw === 'string' && code.trim().toLowerCase() === raw.trim().toLowerCase()) return true;
  if (number === undefined || code.trim() === '') return false;
  const [, operator, limit] = COMPARISON.exec(code.trim()) ?? [];
  if (operator !== undefined) return compare(number, operator, Number(limit));
  const [, from, to] = SPAN.exec(code.trim()) ?? [];
  if (from !== undefined) return number >= Number(from) && number <= Number(to);
  return Number.isFinite(Number(code)) && isNear(Number(code), number);
}

/** 327.67 reached by a division differs from 327.67 as written. */
function isNear(code: number, value: number): boolean {
  return Math.abs(code - value) <= 1e-9 * Math.max(1, Math.abs(code));
}

function compare(value: number, operator: string, limit: number): boolean {
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  if (operator === '>') return value > limit;
  return value >= limit;
}
