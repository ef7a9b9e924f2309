import { LEVELS, LEVEL_COUNT, P50, probabilityBelow } from './quantiles.ts';

/** Horizons, in hours, at which the model marks its own past forecasts. */
export const HORIZONS_H = [3, 6, 12, 24, 48, 96] as const;
/** Centres of the classes of expected fill; the saturation near full differs from the noise near empty. */
const CENTRES = [0.2, 0.4, 0.6, 0.78, 0.92, 1.15, 1.5] as const;
const CELL = LEVEL_COUNT + 3;
const COUNT = LEVEL_COUNT;
const SCALE = LEVEL_COUNT + 1;
const CENTRE = LEVEL_COUNT + 2;

/**
 * Error quantiles of the model's own forecasts. Flat, row-major [horizon][class][CELL]; a cell holds the shape (LEVELS
 * of the standardised error), how many were seen, scale and centre. Centre and scale follow within a few outcomes,
 * the shape takes longer. The error is counted in units of the expected rise, see errorUnit.
 */
export type Spread = number[];

/** Before anything was seen: skewed and heavy-tailed, 90 % from almost no rise to two and a half times the expected one. */
const PRIOR_SHAPE = [-1.7, -1.4, -0.7, 0, 0.9, 2, 3] as const;
const PRIOR_SCALE = 0.5;
/** The prior scale counts like this many outcomes; scale and centre forget as if they knew only the last ones. */
const PRIOR_SEEN = 6;
const MEMORY = 100;
/** Sensor noise floor: two points, the step between neighbouring readings that means nothing. */
const NOISE = 0.02;
/** Step of the stochastic approximation: 2/(n+8), never below this, so that the band follows changes. */
const MIN_STEP = 0.02;
const MIN_SCALE = 0.02;

export function priorSpread(): Spread {
  const spread: Spread = [];
  for (let i = 0; i < HORIZONS_H.length * CENTRES.length; i++) spread.push(...PRIOR_SHAPE, 0, PRIOR_SCALE, 0);
  return spread;
}

/** Size of one unit of normalised error for an expected rise. */
function errorUnit(expectedRise: number): number {
  return NOISE + Math.max(0, expectedRise);
}

function classOf(expected: number): number {
  let c = 0;
  while (c + 1 < CENTRES.length && expected > (CENTRES[c]! + CENTRES[c + 1]!) / 2) c++;
  return c;
}

export interface Outcome {
  /** Index into HORIZONS_H. */
  horizon: number;
  from: number;
  expected: number;
  actual: number;
  /** The actual fill is at least `actual`. */
  censored: boolean;
}

/**
 * Moves the quantiles toward one outcome (stochastic approximation of the pinball loss, as adaptive conformal
 * inference does). A censored outcome counts above its bound in the proportions the quantiles already have
 * (Efron's redistribution to the right).
 */
export function learn(spread: Spread, outcome: Outcome): void {
  const base = (outcome.horizon * CENTRES.length + classOf(outcome.expected)) * CELL;
  const error = (outcome.actual - outcome.expected) / errorUnit(outcome.expected - outcome.from);
  const shape = spread.slice(base, base + LEVEL_COUNT);
  const scale = spread[base + SCALE]!;
  const standard = (error - spread[base + CENTRE]!) / scale;
  const below = outcome.censored ? Math.min(0.99, probabilityBelow(shape, standard)) : 0;
  const seen = ++spread[base + COUNT]!;
  const step = Math.max(MIN_STEP, 2 / (seen + 8));
  for (let k = 0; k < LEVEL_COUNT; k++) {
    const level = LEVELS[k]!;
    let hit = standard < shape[k]! ? 1 : 0;
    if (outcome.censored && hit) hit = Math.max(0, level - below) / (1 - below);
    const move = step * (level - hit);
    shape[k]! += move;
    if (k === P50) spread[base + CENTRE]! += scale * move;
  }
  shape.sort((a, b) => a - b);
  for (let k = 0; k < LEVEL_COUNT; k++) spread[base + k] = shape[k]!;
  // A bound within the band tells nothing about the size of errors.
  if (outcome.censored && standard < shape[P50]!) return;
  const size = Math.abs(standard - shape[P50]!) * scale;
  spread[base + SCALE] = Math.max(MIN_SCALE, scale + (size - scale) / Math.min(seen + PRIOR_SEEN, MEMORY));
}

/** Gives the LEVELS quantiles of fill (not clamped) for an expected fill at a horizon, blended from the nearest cells. */
export function quantilesAt(spread: Spread, at: { horizonH: number; from: number; expected: number }): number[] {
  const [h, hShare] = place(HORIZONS_H, at.horizonH);
  const [c, cShare] = place(CENTRES, at.expected);
  const unit = errorUnit(at.expected - at.from);
  const a = (h * CENTRES.length + c) * CELL;
  const b = a + (cShare > 0 ? CELL : 0);
  const down = hShare > 0 ? CENTRES.length * CELL : 0;
  const out = new Array<number>(LEVEL_COUNT);
  for (let k = 0; k < LEVEL_COUNT; k++) {
    const near = errorAt(spread, a, k) * (1 - cShare) + errorAt(spread, b, k) * cShare;
    const far = errorAt(spread, a + down, k) * (1 - cShare) + errorAt(spread, b + down, k) * cShare;
    out[k] = at.expected + unit * (near * (1 - hShare) + far * hShare);
  }
  return out;
}

function errorAt(spread: Spread, base: number, k: number): number {
  return spread[base + CENTRE]! + spread[base + SCALE]! * spread[base + k]!;
}

/** Index of the grid point at or below x, and the share of the next one; held at both ends. */
function place(grid: readonly number[], x: number): [number, number] {
  if (x <= grid[0]!) return [0, 0];
  const last = grid.length - 1;
  if (x >= grid[last]!) return [last, 0];
  let i = 0;
  while (grid[i + 1]! <= x) i++;
  return [i, (x - grid[i]!) / (grid[i + 1]! - grid[i]!)];
}
