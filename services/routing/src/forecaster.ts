import type { AssetInput, Forecast, Reading } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import { fitModel, forecast, overflowRisk, timeToFull, updateModel, type FillModel, type SeriesPoint } from '@ronde/forecast';
import { settledLevel } from './settled-level.ts';
import { createOffset } from './zoned-time.ts';

const DAY_MS = 86_400_000;
const PAGE = 5_000;
const FORECAST_HOURS = 72;
const MAX_POINTS_AT_ONCE = 20_000;

/** What is expected of one chamber; its model learns with every reading. */
interface ChamberModel {
  model: FillModel;
  newestMs: number;
}

/** What planning must know of an asset at a moment: of the chamber most at risk. */
export interface Outlook {
  assetId: string;
  chamber: string;
  /** Fill expected now, 0..1. */
  fill: number;
  measuredAtMs: number;
  /** Chance to be full by the moment asked for. */
  risk: number;
  /** Expected fill per chamber now, for loads. */
  chambers: { chamber: string; fill: number }[];
}

/** Fill models of all assets, kept up to date by readings. */
export interface Forecaster {
  /** Learns from stored history; yields to other work between assets. */
  load(assets: AssetInput[], signal?: AbortSignal): Promise<void>;
  apply(readings: Reading[]): void;
  /** Reads again what came late; models that saw late readings are fitted anew. */
  refitLate(): Promise<void>;
  outlook(assetId: string, byMs: number): Outlook | undefined;
  forecast(assetId: string, byMs: number): Forecast | undefined;
  /** When the asset is full with 50 % chance; null when not within a month, undefined when nothing is known. */
  fullAtMs(assetId: string): number | null | undefined;
  forget(assetId: string): void;
}

/** Gives a forecaster without any model. */
export function createForecaster(deps: {
  readings: ReadingsStore;
  clock: Clock;
  log: Logger;
  tenant: string;
  timeZone: () => string;
  historyDays: number;
}): Forecaster {
  const { readings, clock, tenant } = deps;
  const models = new Map<string, Map<string, ChamberModel>>();
  const late = new Set<string>();
  const offsetAt = createOffset(deps.timeZone);
  const options = () => ({ nowMs: clock.nowMs(), offsetAt });

  const learn = (assetId: string, chamber: string, points: SeriesPoint[]): void => {
    const chambers = models.get(assetId) ?? new Map<string, ChamberModel>();
    models.set(assetId, chambers);
    const known = chambers.get(chamber);
    const newestMs = points.reduce((newest, { atMs }) => Math.max(newest, atMs), known?.newestMs ?? -Infinity);
    if (known && points.some(({ atMs }) => atMs < known.newestMs)) late.add(assetId);
    // a clock a little ahead of ours is plausible: ingest has already flagged those that are not
    const learning = { ...options(), nowMs: Math.max(clock.nowMs(), newestMs) };
    const model = known ? updateModel(known.model, points, learning) : fitModel(points, learning);
    chambers.set(chamber, { model, newestMs });
  };

  const learnHistory = async (assetId: string): Promise<void> => {
    const perChamber = new Map<string, SeriesPoint[]>();
    const toMs = clock.nowMs() + 1;
    let after: string | undefined;
    let total = 0;
    do {
      const page = await readings.series({
        tenant, assetId, quantity: 'fill', fromMs: toMs - deps.historyDays * DAY_MS, toMs, limit: PAGE, ...(after && { after }),
      });
      for (const reading of page.items) {
        const point = toPoint(reading);
        if (!point) continue;
        const chamber = reading.chamber ?? '1';
        const points = perChamber.get(chamber) ?? [];
        points.push(point);
        perChamber.set(chamber, points);
      }
      total += page.items.length;
      after = page.next;
    } while (after && total < MAX_POINTS_AT_ONCE);
    models.delete(assetId);
    for (const [chamber, points] of perChamber) learn(assetId, chamber, points);
  };

  const views = (assetId: string): { chamber: string; model: FillModel; level: number; levelAtMs: number }[] =>
    [...(models.get(assetId) ?? [])].flatMap(([chamber, { model }]) => {
      const level = settledLevel(model.tail);
      return level ? [{ chamber, model, level: level.fill, levelAtMs: level.atMs }] : [];
    });
  const riskiest = (assetId: string, byMs: number) =>
    views(assetId)
      .map((view) => ({ ...view, risk: overflowRisk(view.model, { ...options(), ...view, byMs }) }))
      .sort((a, b) => b.risk - a.risk || b.level - a.level)[0];
  const fillNow = (view: { model: FillModel; level: number; levelAtMs: number }): number =>
    forecast(view.model, { ...options(), ...view, horizonsH: [0] })[0]?.p50 ?? view.level;

  return {
    async load(assets, signal) {
      for (const { id } of assets) {
        if (signal?.aborted) return;
        await learnHistory(id);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    apply(batch) {
      for (const reading of batch) {
        const point = reading.quantity === 'fill' && reading.assetId !== null ? toPoint(reading) : undefined;
        if (point) learn(reading.assetId!, reading.chamber ?? '1', [point]);
      }
    },
    async refitLate() {
      const due = [...late];
      late.clear();
      for (const assetId of due) await learnHistory(assetId);
    },
    outlook(assetId, byMs) {
      const worst = riskiest(assetId, byMs);
      if (!worst) return undefined;
      return {
        assetId,
        chamber: worst.chamber,
        fill: fillNow(worst),
        measuredAtMs: worst.levelAtMs,
        risk: worst.risk,
        chambers: views(assetId).map((view) => ({ chamber: view.chamber, fill: fillNow(view) })),
      };
    },
    forecast(assetId, byMs) {
      const worst = riskiest(assetId, byMs);
      if (!worst) return undefined;
      const start = { ...options(), level: worst.level, levelAtMs: worst.levelAtMs };
      const points = forecast(worst.model, { ...start, untilMs: start.nowMs + FORECAST_HOURS * 3_600_000, stepH: 1 });
      const full = timeToFull(worst.model, start);
      const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
      return {
        assetId,
        points: points.map(({ atMs, p05, p50, p95 }) => ({ at: new Date(atMs).toISOString(), p05, p50, p95 })),
        fullAt: { p05: iso(full.p05), p50: iso(full.p50), p95: iso(full.p95) },
        overflowRisk: worst.risk,
      };
    },
    fullAtMs(assetId) {
      const times = views(assetId).map((view) => timeToFull(view.model, { ...options(), ...view }).p50);
      if (times.length === 0) return undefined;
      return times.reduce((soonest, ms) => (ms === null ? soonest : Math.min(ms, soonest ?? ms)), null);
    },
    forget: (assetId) => void models.delete(assetId),
  };
}

function toPoint(reading: Reading): SeriesPoint | undefined {
  if (reading.value === null || reading.quality === 'invalid') return undefined;
  return { atMs: Date.parse(reading.at), fill: reading.value, quality: reading.quality, flags: reading.flags };
}
