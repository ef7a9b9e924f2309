import { Quality, ReadingFlag } from '@ronde/contracts';
import { z } from 'zod';
import { camelKeys, isRecord, knownKeys } from './known-keys.ts';
import { pick } from './pick.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const TESTS = ['equals', 'not', 'below', 'above', 'bit', 'missing'] as const;

const conditionShape = {
  /** Path in the decoded data; `$fPort` is the port of the uplink. */
  when: z.string(),
  equals: z.union([Scalar, z.array(Scalar).min(1)]).optional(),
  not: z.union([Scalar, z.array(Scalar).min(1)]).optional(),
  below: z.number().optional(),
  above: z.number().optional(),
  /** Number of a bit that is set, 0 = lowest. */
  bit: z.number().int().min(0).max(31).optional(),
  /** True: nothing stands there. */
  missing: z.boolean().optional(),
};

function tells(condition: Record<string, unknown>): boolean {
  return TESTS.some((name) => condition[name] !== undefined);
}
const NEEDS_TEST = { message: `give one of ${TESTS.join(', ')}` };

/** Something that must hold in the decoded data. */
export const Condition = z.preprocess(camelKeys, knownKeys(conditionShape).refine(tells, NEEDS_TEST));
export type Condition = z.infer<typeof Condition>;

/** When another decoded field says something about this one: few samples, a tilted housing. */
export const QualityRule = z.preprocess(
  camelKeys,
  knownKeys({ ...conditionShape, flag: ReadingFlag, quality: Quality.default('suspect') }).refine(tells, NEEDS_TEST),
);
export type QualityRule = z.infer<typeof QualityRule>;

/**
 * One rule, a list of them, or just the path of a number of samples: none of them means no value.
 */
export const QualityRules = z.preprocess((given) => {
  if (typeof given === 'string') return [{ when: given, below: 1, flag: 'FEW_SAMPLES', quality: 'invalid' }];
  return isRecord(given) ? [given] : given;
}, z.array(QualityRule));

/** Tells whether a condition holds in decoded data; what is not there meets only `missing` and `not`. */
export function holds(rule: Condition, data: Record<string, unknown>): boolean {
  const seen = pick(data, rule.when);
  if (seen === undefined || seen === null) return rule.missing === true;
  if (rule.missing === true) return false;
  if (rule.equals !== undefined && ![rule.equals].flat().some((one) => isSame(one, seen))) return false;
  if (rule.not !== undefined && [rule.not].flat().some((one) => isSame(one, seen))) return false;
  const number = typeof seen === 'boolean' ? Number(seen) : Number.parseFloat(String(seen));
  if (rule.below !== undefined && !(number < rule.below)) return false;
  if (rule.above !== undefined && !(number > rule.above)) return false;
  return rule.bit === undefined || ((number >> rule.bit) & 1) === 1;
}

/** Codecs write states as true, "true" or 1; texts are compared without regard to case. */
function isSame(wanted: string | number | boolean, seen: unknown): boolean {
  if (wanted === seen) return true;
  return typeof seen === 'object' ? false : String(wanted).toLowerCase() === String(seen).trim().toLowerCase();
}
