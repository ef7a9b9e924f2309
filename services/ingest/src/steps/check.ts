import { quantityOf, type Quality, type ReadingFlag } from '@ronde/contracts';
import type { TimedValue } from './item.ts';

const RANK: Record<Quality, number> = { ok: 0, censored: 1, suspect: 2, invalid: 3 };

/** Gives the less trustworthy of two qualities. */
export function worse(a: Quality, b: Quality): Quality {
  return RANK[a] >= RANK[b] ? a : b;
}

/** Gives a value with a flag more and at best the given quality. */
export function marked<V extends TimedValue>(value: V, quality: Quality, flag: ReadingFlag): V {
  const flags = value.flags.includes(flag) ? value.flags : [...value.flags, flag];
  return { ...value, quality: worse(value.quality, quality), flags };
}

/** Judges a value against the catalogue: kept whatever it is, but `invalid` when no sensor can have measured it. */
export function checkRange(value: TimedValue): TimedValue {
  if (value.value === null) return value.quality === 'invalid' ? value : marked(value, 'invalid', 'SENTINEL');
  if (!Number.isFinite(value.value)) return marked({ ...value, value: null }, 'invalid', 'OUT_OF_RANGE');
  const { min, max, binary } = quantityOf(value.quantity);
  const isState = !binary || value.value === 0 || value.value === 1;
  if (value.value < min || value.value > max || !isState) return marked(value, 'invalid', 'OUT_OF_RANGE');
  // −0 is written as 0 by JSON but not by every store: one value, one form
  return Object.is(value.value, -0) ? { ...value, value: 0 } : value;
}
