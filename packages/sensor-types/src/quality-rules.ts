import type { CanonicalValue, Quality } from '@ronde/contracts';
import type { QualityRule } from './manifest.ts';
import { pick } from './pick.ts';

const RANK: Record<Quality, number> = { ok: 0, censored: 1, suspect: 2, invalid: 3 };

/** Gives the less trustworthy of two qualities. */
export function worse(a: Quality, b: Quality): Quality {
  return RANK[a] >= RANK[b] ? a : b;
}

/** Applies a mapping line's quality rules: each that holds adds its flag and may lower the quality. */
export function applyRules(
  value: CanonicalValue,
  rules: readonly QualityRule[],
  data: Record<string, unknown>,
): CanonicalValue {
  return rules.filter((rule) => holds(rule, pick(data, rule.when))).reduce(lower, value);
}

function lower(value: CanonicalValue, rule: QualityRule): CanonicalValue {
  const flags = value.flags.includes(rule.flag) ? value.flags : [...value.flags, rule.flag];
  return { ...value, quality: worse(value.quality, rule.quality), flags };
}

function holds(rule: QualityRule, seen: unknown): boolean {
  if (seen === undefined || seen === null) return false;
  if (rule.equals !== undefined && seen !== rule.equals) return false;
  if (rule.below !== undefined && !(typeof seen === 'number' && seen < rule.below)) return false;
  if (rule.above !== undefined && !(typeof seen === 'number' && seen > rule.above)) return false;
  return true;
}
