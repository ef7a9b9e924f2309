import { createBaselines } from './baselines.ts';
import type { Baselines } from './baselines.ts';
import { createCalibration } from './calibration.ts';
import type { Calibration, CalibrationTally } from './calibration.ts';
import { detectEmptyings } from './emptyings.ts';
import type { Emptying } from './emptyings.ts';
import type { MeasurementRow } from './measurements.ts';
import { forecastWithVisits } from './mixture.ts';
import { fitModel, updateModel } from './model.ts';
import type { FillModel, RatePrior } from './model.ts';
import { forecast, overflowRisk, timeToFull } from './predict.ts';
import { HOUR_MS } from './profile.ts';
import type { OffsetAt } from './profile.ts';
import { createTally, round } from './scores.ts';
import type { HorizonScore, HorizonTally } from './scores.ts';
import { CENSORED_FROM, cleanSeries } from './series.ts';
import type { CleanPoint } from './series.ts';
import { LONGEST_H, createThresholdTally } from './threshold.ts';
import type { ThresholdScore, ThresholdTally } from './threshold.ts';

export interface BacktestOptions {
  /** Share of each container's time that only teaches; forecasts after it are scored. Default 0.6. */
  warmup?: number;
  /** Hours; default 6, 24, 48. */
  horizonsH?: readonly number[];
  /** Fill fraction for the time-to-threshold error; default 0.8. */
  threshold?: number;
  /** Also score forecasts that reckon with emptyings; slower. Default true. */
  unconditional?: boolean;
  prior?: RatePrior;
  offsetAt?: OffsetAt;
}

/** One scored forecast; fill in percent. */
export interface BacktestPrediction {
  container_id: string;
  /** ISO 8601 UTC. */
  origin: string;
  horizonH: number;
  p05: number;
  p50: number;
  p95: number;
  mean: number;
  actual: number;
}

/** An emptying found in the whole series; fill in percent. */
export interface BacktestEmptying {
  container_id: string;
  /** ISO 8601 UTC, first reading after the emptying. */
  at: string;
  before: number;
  after: number;
  confidence: Emptying['confidence'];
}

export interface BacktestReport {
  containers: number;
  readings: number;
  /** What `horizons` holds: targets with an emptying between origin and target are left out. */
  conditioning: 'no-emptying-within-horizon';
  /** By horizon, '6h' and so on; percentage points. */
  horizons: Record<string, HorizonScore>;
  /** The same for every target, by forecasts which reckon with emptyings. */
  unconditional: Record<string, HorizonScore>;
  timeToThreshold: ThresholdScore;
  /** Chance of reaching full within the second horizon (24 h) if nobody comes: stated against happened. */
  overflow: Calibration & { withinH: number };
  emptyings: {
    found: number;
    byConfidence: Record<Emptying['confidence'], number>;
    byContainer: Record<string, number>;
  };
}

interface Run {
  options: BacktestOptions & { horizonsH: readonly number[] };
  tallies: HorizonTally[];
  open: HorizonTally[];
  threshold: { value: number; tally: ThresholdTally };
  overflow: CalibrationTally;
  predictions: BacktestPrediction[];
}

interface Subject {
  containerId: string;
  series: CleanPoint[];
  emptyings: Emptying[];
}

interface Origin {
  model: FillModel;
  baselines: Baselines;
  index: number;
}

/** A reading counts as the outcome when it lies this near the target time. */
const TARGET_NEAR_MS = 1.5 * HOUR_MS;
/** Time to threshold and overflow are asked at most this often per container. */
const SLOW_QUESTIONS_EVERY_MS = 6 * HOUR_MS;
const DEFAULT_THRESHOLD = 0.8;

/**
 * Replays every container reading by reading; each forecast knows only what came before it (rolling origin).
 * Emptyings that decide which targets count are found with hindsight, for model and baselines alike.
 * @returns the report, every scored forecast, and the emptyings
 */
export function backtest(
  rows: readonly MeasurementRow[],
  options: BacktestOptions = {},
): { report: BacktestReport; predictions: BacktestPrediction[]; emptyings: BacktestEmptying[] } {
  const horizonsH = options.horizonsH ?? [6, 24, 48];
  const threshold = options.threshold ?? DEFAULT_THRESHOLD;
  const run: Run = {
    options: { ...options, horizonsH },
    tallies: horizonsH.map(createTally),
    open: horizonsH.map(createTally),
    threshold: { value: threshold, tally: createThresholdTally(threshold) },
    overflow: createCalibration(),
    predictions: [],
  };
  const subjects = subjectsOf(rows);
  for (const subject of subjects) replay(run, subject);
  const emptyings = subjects.flatMap(emptyingRows);
  return { report: reportOf(run, subjects, rows.length), predictions: run.predictions, emptyings };
}

function emptyingRows({ containerId, emptyings }: Subject): BacktestEmptying[] {
  return emptyings.map(({ atMs, before, after, confidence }) => ({
    container_id: containerId,
    at: new Date(atMs).toISOString(),
    before: round(100 * before, 2),
    after: round(100 * after, 2),
    confidence,
  }));
}

function subjectsOf(rows: readonly MeasurementRow[]): Subject[] {
  const points = new Map<string, { atMs: number; fill: number }[]>();
  for (const row of rows) {
    const own = points.get(row.containerId) ?? [];
    if (own.length === 0) points.set(row.containerId, own);
    own.push({ atMs: row.atMs, fill: row.percent / 100 });
  }
  return [...points].map(([containerId, own]) => {
    const series = cleanSeries(own);
    return { containerId, series, emptyings: detectEmptyings(series) };
  });
}

function replay(run: Run, subject: Subject): void {
  const { series } = subject;
  if (series.length < 2) return;
  const { prior, offsetAt, warmup = 0.6 } = run.options;
  const startMs = series[0]!.atMs;
  const scoreFromMs = startMs + warmup * (series.at(-1)!.atMs - startMs);
  const baselines = createBaselines();
  let model = fitModel([], { nowMs: startMs, prior, offsetAt });
  let slowAtMs = -Infinity;
  for (let index = 0; index < series.length; index++) {
    const point = series[index]!;
    // The spike mark of the cleaned series knows the next reading; the model must not.
    model = updateModel(model, [{ atMs: point.atMs, fill: point.fill }], { nowMs: point.atMs, prior, offsetAt });
    const last = series[index - 1];
    if (last && !emptiedWithin(subject, last.atMs, point.atMs)) baselines.learn(last, point);
    if (point.atMs < scoreFromMs) continue;
    scoreOrigin(run, subject, { model, baselines, index });
    if (point.atMs - slowAtMs < SLOW_QUESTIONS_EVERY_MS) continue;
    slowAtMs = point.atMs;
    scoreThreshold(run, subject, { model, baselines, index });
    scoreOverflow(run, subject, { model, baselines, index });
  }
}

function scoreOrigin(run: Run, subject: Subject, origin: Origin): void {
  const { horizonsH, offsetAt, unconditional = true } = run.options;
  const from = subject.series[origin.index]!;
  const start = { nowMs: from.atMs, level: from.fill, levelAtMs: from.atMs, offsetAt, horizonsH };
  const points = forecast(origin.model, start);
  const targets = horizonsH.map((hours) => readingNear(subject.series, origin.index, from.atMs + hours * HOUR_MS));
  const open = unconditional && targets.some(Boolean) ? forecastWithVisits(origin.model, start) : [];
  for (const [i, target] of targets.entries()) {
    if (!target) continue;
    const hours = horizonsH[i]!;
    const actual = round(100 * target.fill, 4);
    const byBaseline = origin.baselines.predict(from, hours);
    const baselines = {
      persistence: 100 * byBaseline.persistence,
      meanRate: 100 * byBaseline.meanRate,
      hourOfWeek: 100 * byBaseline.hourOfWeek,
    };
    if (open[i]) run.open[i]!.add({ ...percent(open[i]), actual }, baselines);
    const until = Math.max(target.atMs, from.atMs + hours * HOUR_MS);
    if (emptiedWithin(subject, from.atMs, until)) continue;
    const stated = percent(points[i]!);
    run.tallies[i]!.add({ ...stated, actual }, baselines);
    run.predictions.push({
      container_id: subject.containerId,
      origin: new Date(from.atMs).toISOString(),
      horizonH: hours,
      ...stated,
      actual,
    });
  }
}

function percent(point: { p05: number; p50: number; p95: number; mean: number }) {
  const of = (fill: number) => round(100 * fill, 2);
  return { p05: of(point.p05), p50: of(point.p50), p95: of(point.p95), mean: of(point.mean) };
}

function scoreThreshold(run: Run, subject: Subject, origin: Origin): void {
  const { value: threshold, tally } = run.threshold;
  const from = subject.series[origin.index]!;
  if (from.fill >= threshold) return;
  const reached = firstAtLeast(subject.series, origin.index + 1, threshold);
  if (!reached || emptiedWithin(subject, from.atMs, reached.atMs)) return;
  const actualH = (reached.atMs - from.atMs) / HOUR_MS;
  if (actualH > LONGEST_H) return;
  const { offsetAt } = run.options;
  const start = { nowMs: from.atMs, level: from.fill, levelAtMs: from.atMs, offsetAt };
  const times = timeToFull(origin.model, { ...start, threshold, maxH: 2 * LONGEST_H });
  const hours = (atMs: number | null) => (atMs === null ? Infinity : (atMs - from.atMs) / HOUR_MS);
  const meanRateH = origin.baselines.hoursTo(from, threshold);
  tally.add({ actualH, p05H: hours(times.p05), p50H: hours(times.p50), p95H: hours(times.p95), meanRateH });
}

function scoreOverflow(run: Run, subject: Subject, origin: Origin): void {
  const { series, emptyings } = subject;
  const from = series[origin.index]!;
  const withinH = overflowWithinH(run);
  const byMs = from.atMs + withinH * HOUR_MS;
  if (from.fill >= CENSORED_FROM || byMs > series.at(-1)!.atMs) return;
  const { offsetAt } = run.options;
  const start = { nowMs: from.atMs, level: from.fill, levelAtMs: from.atMs, offsetAt };
  const fullMs = firstAtLeast(series, origin.index + 1, CENSORED_FROM)?.atMs ?? Infinity;
  const emptiedMs = emptyings.find((event) => event.atMs > from.atMs)?.atMs ?? Infinity;
  const endMs = Math.min(fullMs, emptiedMs, byMs);
  const end = endMs === fullMs ? 'full' : endMs === emptiedMs ? 'emptied' : 'neither';
  run.overflow.add(overflowRisk(origin.model, { ...start, byMs }), { hours: (endMs - from.atMs) / HOUR_MS, end });
}

function overflowWithinH(run: Run): number {
  return run.options.horizonsH[1] ?? run.options.horizonsH[0] ?? 24;
}

function firstAtLeast(series: readonly CleanPoint[], from: number, fill: number): CleanPoint | undefined {
  for (let i = from; i < series.length; i++) if (!series[i]!.spike && series[i]!.fill >= fill) return series[i];
  return undefined;
}

function readingNear(series: readonly CleanPoint[], from: number, atMs: number): CleanPoint | undefined {
  let best: CleanPoint | undefined;
  for (let i = from + 1; i < series.length && series[i]!.atMs <= atMs + TARGET_NEAR_MS; i++) {
    const point = series[i]!;
    const off = Math.abs(point.atMs - atMs);
    if (!point.spike && off <= TARGET_NEAR_MS && (!best || off < Math.abs(best.atMs - atMs))) best = point;
  }
  return best;
}

/** Tells whether an emptying lies in (fromMs, toMs]; emptyings are in ascending order. */
function emptiedWithin(subject: Subject, fromMs: number, toMs: number): boolean {
  let [low, high] = [0, subject.emptyings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (subject.emptyings[middle]!.atMs <= fromMs) low = middle + 1;
    else high = middle;
  }
  return low < subject.emptyings.length && subject.emptyings[low]!.atMs <= toMs;
}

function reportOf(run: Run, subjects: readonly Subject[], readings: number): BacktestReport {
  const byHorizon = (tallies: HorizonTally[]) =>
    Object.fromEntries(tallies.map((tally, i) => [`${run.options.horizonsH[i]}h`, tally.score()]));
  const all = subjects.flatMap((subject) => subject.emptyings);
  const graded = (confidence: Emptying['confidence']) => all.filter((event) => event.confidence === confidence).length;
  return {
    containers: subjects.length,
    readings,
    conditioning: 'no-emptying-within-horizon',
    horizons: byHorizon(run.tallies),
    unconditional: run.options.unconditional === false ? {} : byHorizon(run.open),
    timeToThreshold: run.threshold.tally.score(),
    overflow: { withinH: overflowWithinH(run), ...run.overflow.result() },
    emptyings: {
      found: all.length,
      byConfidence: { low: graded('low'), medium: graded('medium'), high: graded('high') },
      byContainer: Object.fromEntries(subjects.map((subject) => [subject.containerId, subject.emptyings.length])),
    },
  };
}
