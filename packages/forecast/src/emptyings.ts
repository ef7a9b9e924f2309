import type { CleanPoint } from './series.ts';

/** A moment at which a bin was emptied, seen in its readings or told by a crew. */
export interface Emptying {
  /** Time of the first reading after the emptying, or the crew's time. */
  atMs: number;
  /** Fill just before and just after, 0..1. */
  before: number;
  after: number;
  confidence: 'low' | 'medium' | 'high';
}

export interface EmptyingOptions {
  /** Readings that must stay low, the first one included, before a drop counts. Default 3: the drop and two more. */
  readings?: number;
}

/** Drops smaller than this are noise or settling, whatever they are relative to the level (12 to 15 % of steps fall). */
const MIN_DROP = 0.12;
/** CTU Prague's collection rule: relative drop above 0.554. */
const CERTAIN_RELATIVE_DROP = 0.554;
/** A collapse of the heap takes 10 to 30 % of the volume; beyond that a drop may be a partial emptying. */
const PARTIAL_DROP = 0.35;
const PARTIAL_RELATIVE_DROP = 0.45;
/** Back above this share of the fall: the low readings were a fault of the sensor, not an empty bin. */
const REBOUND = 0.6;
const DAY_MS = 86_400_000;

function isDrop(before: number, after: number): boolean {
  const drop = before - after;
  if (drop < MIN_DROP) return false;
  return drop / before > CERTAIN_RELATIVE_DROP || (drop >= PARTIAL_DROP && drop / before > PARTIAL_RELATIVE_DROP);
}

/**
 * Judges the step from `before` to `after[0]`, given the readings that follow.
 * @returns the emptying; 'unsure' while too few readings have followed; undefined when the step is no emptying
 */
export function judgeDrop(
  before: CleanPoint,
  after: readonly CleanPoint[],
  options: EmptyingOptions = {},
): Emptying | 'unsure' | undefined {
  const first = after[0];
  if (!first) return undefined;
  if (first.crew) return { atMs: first.atMs, before: before.fill, after: 0, confidence: 'high' };
  if (!isDrop(before.fill, first.fill)) return undefined;
  const needed = options.readings ?? 3;
  const drop = before.fill - first.fill;
  const follow = after.slice(1, needed);
  const marked = after.slice(0, needed).some((point) => point.crew);
  const back = follow.findIndex((point) => point.fill - first.fill > REBOUND * drop);
  if (back >= 0 && !marked && follow[back]!.atMs - first.atMs < DAY_MS) return undefined;
  if (follow.length < needed - 1 && !marked) return 'unsure';
  return {
    atMs: first.atMs,
    before: before.fill,
    after: first.fill,
    confidence: grade(before.fill, first.fill, marked),
  };
}

function grade(before: number, after: number, marked: boolean): Emptying['confidence'] {
  const drop = before - after;
  if (marked || (drop >= 0.4 && drop / before > 0.7)) return 'high';
  return drop / before > CERTAIN_RELATIVE_DROP && drop >= 0.25 ? 'medium' : 'low';
}

/**
 * Finds the emptyings of a cleaned series. A drop counts when the following readings confirm it or a crew marked it;
 * spikes, settling and a collapse of the heap (10 to 30 %) do not. The newest drop stays out until it is confirmed.
 */
export function detectEmptyings(series: readonly CleanPoint[], options: EmptyingOptions = {}): Emptying[] {
  const good = series.filter((point) => !point.spike);
  const found: Emptying[] = [];
  let before = good[0];
  for (let i = 1; i < good.length; i++) {
    const verdict = judgeDrop(before!, good.slice(i, i + (options.readings ?? 3)), options);
    if (typeof verdict === 'object' && !repeats(found.at(-1), verdict)) found.push(verdict);
    before = good[i];
  }
  return found;
}

/** A crew's mark shortly after the readings already fell (or before them) is the same emptying. */
function repeats(last: Emptying | undefined, next: Emptying): boolean {
  return last !== undefined && next.before < MIN_DROP && next.atMs - last.atMs < DAY_MS;
}
