import type { CanonicalValue, Quality, ReadingFlag } from '@ronde/contracts';
import { holds } from './conditions.ts';
import type { QualityRule } from './conditions.ts';

const RANK: Record<Quality, number> = { ok: 0, censored: 1, suspect: 2, invalid: 3 };

/** Gives the less trustworthy of two qualities. */
export function worse(a: Quality, b: Quality): Quality {
  return RANK[a] >= RANK[b] ? a : b;
}

/** Gives a value with a flag more and at best the given quality. */
export function lower(value: CanonicalValue, quality: Quality, flag: ReadingFlag): CanonicalValue {
  const flags = value.flags.includes(flag) ? value.flags : [...value.flags, flag];
  return { ...value, quality: worse(value.quality, quality), flags };
}

/** Applies a mapping line's quality rules: each that holds adds its flag and may lower the quality. */
export function applyRules(
  value: CanonicalValue,
  rules: readonly QualityRule[],
  data: Record<string, unknown>,
): CanonicalValue {
  return rules.filter((rule) => holds(rule, data)).reduce((seen, rule) => lower(seen, rule.quality, rule.flag), value);
}
