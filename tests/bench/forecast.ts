import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  backtest,
  fitModel,
  forecast,
  overflowRisk,
  parseMeasurements,
  timeToFull,
  updateModel,
} from '@ronde/forecast';
import type { BacktestReport, FillModel, SeriesPoint } from '@ronde/forecast';
import { sharedData } from '../shared-data.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2025, 0, 6);
const DAYS = 14;
const END_MS = START_MS + DAYS * 24 * HOUR_MS;

/** Two weeks of hourly readings with a daily rhythm and an emptying every third day; the same in every run. */
function twoWeeks(): SeriesPoint[] {
  const points: SeriesPoint[] = [];
  let fill = 0;
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const busy = hour % 24 >= 8 && hour % 24 < 20;
    fill += (busy ? 0.02 : 0.002) * (0.5 + ((hour * 7919) % 13) / 12);
    if (hour % 72 === 70) fill = 0;
    points.push({ atMs: START_MS + hour * HOUR_MS, fill: Math.min(1, fill) });
  }
  return points;
}

/** The simplest baseline: net rise per hour without the steps that fall steeply, and a straight line from there. */
function meanRate(points: readonly SeriesPoint[]): number {
  let [rise, hours] = [0, 0];
  for (let i = 1; i < points.length; i++) {
    const step = points[i]!.fill - points[i - 1]!.fill;
    if (step < -0.25) continue;
    rise += step;
    hours += (points[i]!.atMs - points[i - 1]!.atMs) / HOUR_MS;
  }
  return rise / hours;
}

function straightLine(rate: number): number[] {
  return Array.from({ length: 49 }, (_, hour) => Math.min(1, 0.4 + rate * hour));
}

/** Median over rounds of the mean time of one call, in microseconds. */
function measureUs(calls: number, work: () => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round < 7; round++) {
    const from = performance.now();
    for (let i = 0; i < calls; i++) work();
    rounds.push((1000 * (performance.now() - from)) / calls);
  }
  return Math.round(100 * rounds.sort((a, b) => a - b)[3]!) / 100;
}

function timings(points: readonly SeriesPoint[], model: FillModel): Record<string, number> {
  const options = { nowMs: END_MS };
  const start = { nowMs: END_MS, level: 0.4, levelAtMs: END_MS - HOUR_MS };
  const rate = meanRate(points);
  return {
    fitUs: measureUs(100, () => fitModel(points, options)),
    updateUs: measureUs(500, () => updateModel(model, [{ atMs: END_MS, fill: 0.4 }], options)),
    forecast48hHourlyUs: measureUs(500, () => forecast(model, { ...start, untilMs: END_MS + 48 * HOUR_MS })),
    timeToFullUs: measureUs(500, () => timeToFull(model, start)),
    overflowRiskUs: measureUs(500, () => overflowRisk(model, { ...start, byMs: END_MS + 24 * HOUR_MS })),
    baselineFitUs: measureUs(500, () => meanRate(points)),
    baselineForecastUs: measureUs(500, () => straightLine(rate)),
  };
}

/** Refreshing means: take one reading in, forecast 48 h by the hour, time to full, risk of the next day. */
function refreshAll(points: readonly SeriesPoint[], assets: number): number {
  const models = Array.from({ length: assets }, () => fitModel(points, { nowMs: END_MS - HOUR_MS }));
  const start = { nowMs: END_MS, level: 0.4, levelAtMs: END_MS };
  const from = performance.now();
  for (const model of models) {
    const fresh = updateModel(model, [{ atMs: END_MS, fill: 0.4 }], { nowMs: END_MS });
    forecast(fresh, { ...start, untilMs: END_MS + 48 * HOUR_MS });
    timeToFull(fresh, start);
    overflowRisk(fresh, { ...start, byMs: END_MS + 24 * HOUR_MS });
  }
  return Math.round(performance.now() - from);
}

function prague(): BacktestReport | string {
  const file = sharedData('fill/prague/measurements.csv');
  if (!file) return 'skipped: the shared data set is not beside this checkout';
  const parsed = parseMeasurements(readFileSync(file, 'utf8'));
  if (!parsed.ok) return `skipped: ${parsed.faults[0]?.field} ${parsed.faults[0]?.message}`;
  return backtest(parsed.value).report;
}

/**
 * Times fitting and forecasting beside the mean-rate baseline, and scores the model on real series beside three
 * baselines in the same run. Times in microseconds unless the name says otherwise.
 */
export async function run(): Promise<object> {
  const points = twoWeeks();
  const model = fitModel(points, { nowMs: END_MS });
  return Promise.resolve({
    name: 'forecast',
    readingsPerFit: points.length,
    modelJsonBytes: JSON.stringify(model).length,
    timings: timings(points, model),
    refreshAssetsMs: { assets: 2000, ms: refreshAll(points, 2000) },
    prague: prague(),
  });
}
