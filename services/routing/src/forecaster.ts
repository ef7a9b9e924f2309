import type { AssetInput, Forecast, Reading } from '@ronde/contracts';
import { createBreath, type Clock, type Logger } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import {
  fitModel,
  forecast,
  overflowRisk,
  timeToFull,
  updateModel,
  type FillModel,
  type SeriesPoint,
} from '@ronde/forecast';
import { settledLevel } from './settled-level.ts';
import { createOffset } from './zoned-time.ts';

const DAY_MS = 86_400_000;
const PAGE = 5_000;
const FORECAST_HOURS = 72;
const MAX_POINTS = 20_000;
/** Standard deviations between the 5th and the 95th percentile of a normal distribution. */
const SDS_IN_90_PERCENT = 3.29;
/** As far ahead as ingest lets a sensor's clock be. */
const CLOCK_AHEAD_MS = 10 * 60_000;

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
  /** The same when it is emptied now: what a visit cannot take away. */
  riskEmptied: number;
  /** Expected fill per chamber now and its standard deviation, for loads. */
  chambers: { chamber: string; fill: number; sd?: number }[];
}

/** Fill models of all assets, kept up to date by readings. */
export interface Forecaster {
  /** Learns from stored history; yields to other work between assets. */
  load(assets: AssetInput[], signal?: AbortSignal): Promise<void>;
  apply(readings: Reading[]): void;
  /** Has the history of assets read again whose stored readings were corrected. */
  corrected(assetIds: readonly string[]): void;
  /** Reads again what came late; models of late or corrected readings are fitted anew. */
  refitLate(signal?: AbortSignal): Promise<void>;
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
  /** Assets whose history is being read, with what came meanwhile. */
  const reading = new Map<string, Reading[]>();
  const offsetAt = createOffset(deps.timeZone);
  const options = () => ({ nowMs: clock.nowMs(), offsetAt });
  const breathe = createBreath();

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
    const arrived: Reading[] = [];
    reading.set(assetId, arrived);
    try {
      const perChamber = await readHistory(assetId);
      models.delete(assetId);
      for (const [chamber, points] of perChamber) learn(assetId, chamber, points);
      // what came while history was read may be in it or not; a model takes the same point twice without harm
      for (const late of arrived) learnReading(late);
    } finally {
      reading.delete(assetId);
    }
  };
  const readHistory = async (assetId: string): Promise<Map<string, SeriesPoint[]>> => {
    const perChamber = new Map<string, SeriesPoint[]>();
    const toMs = clock.nowMs() + CLOCK_AHEAD_MS;
    let after: string | undefined;
    do {
      const page = await readings.series({
        tenant,
        assetId,
        quantity: 'fill',
        fromMs: toMs - deps.historyDays * DAY_MS,
        toMs,
        limit: PAGE,
        ...(after && { after }),
      });
      for (const item of page.items) {
        const point = toPoint(item);
        if (!point) continue;
        const chamber = item.chamber ?? '1';
        const points = perChamber.get(chamber) ?? [];
        points.push(point);
        perChamber.set(chamber, points);
      }
      // pages come oldest first: of a very chatty sensor the newest are kept
      for (const points of perChamber.values())
        if (points.length > MAX_POINTS) points.splice(0, points.length - MAX_POINTS);
      after = page.next;
    } while (after);
    return perChamber;
  };
  const learnReading = (item: Reading): void => {
    const point = item.quantity === 'fill' && item.assetId !== null ? toPoint(item) : undefined;
    if (point) learn(item.assetId!, item.chamber ?? '1', [point]);
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
  const bandNow = (view: { model: FillModel; level: number; levelAtMs: number }) =>
    forecast(view.model, { ...options(), ...view, horizonsH: [0] })[0];
  const fillNow = (view: { model: FillModel; level: number; levelAtMs: number }): number =>
    bandNow(view)?.p50 ?? view.level;
  const fillWithSd = (view: { model: FillModel; level: number; levelAtMs: number }): { fill: number; sd: number } => {
    const band = bandNow(view);
    return band ? { fill: band.p50, sd: (band.p95 - band.p05) / SDS_IN_90_PERCENT } : { fill: view.level, sd: 0 };
  };

  return {
    async load(assets, signal) {
      for (const { id } of assets) {
        if (signal?.aborted) return;
        await learnHistory(id);
        await breathe();
      }
    },
    apply(batch) {
      for (const item of batch) {
        learnReading(item);
        if (item.assetId !== null) reading.get(item.assetId)?.push(item);
      }
    },
    corrected(assetIds) {
      for (const assetId of assetIds) if (models.has(assetId)) late.add(assetId);
    },
    async refitLate(signal) {
      for (const assetId of [...late]) {
        if (signal?.aborted) return;
        late.delete(assetId);
        await learnHistory(assetId).catch((error: unknown) => {
          late.add(assetId);
          throw error;
        });
        await breathe();
      }
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
        riskEmptied:
          worst.risk === 0 ? 0 : overflowRisk(worst.model, { ...options(), level: 0, levelAtMs: clock.nowMs(), byMs }),
        chambers: views(assetId).map((view) => ({ chamber: view.chamber, ...fillWithSd(view) })),
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
    forget(assetId) {
      models.delete(assetId);
      late.delete(assetId);
    },
  };
}

function toPoint({ at, value, quality, flags }: Reading): SeriesPoint | undefined {
  return value === null || quality === 'invalid' ? undefined : { atMs: Date.parse(at), fill: value, quality, flags };
}
