import type { AssetInput, Round, Stop, StopLearning } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import { blockedHours } from './access-hours.ts';
import { usualServiceS } from './candidates.ts';
import { isEnded } from './committed.ts';
import { estimate } from './robust.ts';

/** What crews and operators taught about serving assets; kept in the registry, one document an asset. */
export interface Learnings {
  load(): Promise<void>;
  /** Seconds of work at an asset. */
  serviceS(asset: AssetInput): number;
  /** Seconds that the way to an asset takes longer than the map says; negative when shorter. */
  approachS(assetId: string): number;
  /** A vehicle whose crews keep declining an asset: others go first. */
  avoids(vehicleId: string, assetId: string, nowMs: number): boolean;
  /** The vehicle to which operators keep moving an asset. */
  prefers(assetId: string, nowMs: number): string | undefined;
  /** Crews (vehicles that have none) that know an asset from having emptied it. */
  familiarTo(assetId: string, nowMs: number): string[];
  /** When crews emptied an asset last; undefined when none ever told. */
  lastServedMs(assetId: string): number | undefined;
  /** Hours of the day, local time, at which crews could mostly not get at an asset. */
  blockedHours(assetId: string, timeZone: string): number[];
  /** Learns whether a crew could get at assets. */
  visited(assetIds: readonly string[], visit: { at: string; reached: boolean }): Promise<void>;
  /** Learns from a stop whose work has just ended. */
  done(round: Round, stopId: string, assets: AssetInput[]): Promise<void>;
  declined(assetIds: readonly string[], decline: StopLearning['declines'][number]): Promise<void>;
  moved(assetIds: readonly string[], move: StopLearning['moves'][number]): Promise<void>;
  /** Forgets the last move the other way: an operator took it back. */
  unmoved(
    assetIds: readonly string[],
    back: Pick<StopLearning['moves'][number], 'fromVehicleId' | 'toVehicleId'>,
  ): Promise<void>;
}

/** Measurements kept of each kind: enough for a steady median, few enough to follow a changed place. */
const KEPT = 15;
/** Visits spread over the hours of a day: more are needed to tell one hour from another. */
const KEPT_VISITS = 60;
/** Said this often within this time, it is a habit. */
const HABIT = 2;
const HABIT_MS = 60 * 86_400_000;
/** A crew that was not there for half a year does not know the place any more. */
const MEMORY_MS = 180 * 86_400_000;
/** Taps that stand for nothing: both at once, or the second after a pause. */
const SHORTEST_S = 5;
const LONGEST_S = 7_200;
const LONGEST_APPROACH_S = 1_800;
const RATIO_RANGE = [0.1, 10] as const;

/** Gives learnings that know nothing yet. */
export function createLearnings({ registry, tenant }: { registry: Registry; tenant: string }): Learnings {
  const known = new Map<string, StopLearning>();
  const of = (id: string): StopLearning =>
    known.get(id) ?? { id, serviceRatios: [], approachS: [], declines: [], moves: [] };
  const save = async (changed: StopLearning[]): Promise<void> => {
    await registry.stopLearnings.putAll(tenant, changed);
    for (const learning of changed) known.set(learning.id, learning);
  };
  return {
    async load() {
      for (const learning of await registry.stopLearnings.all(tenant)) known.set(learning.id, learning);
    },
    serviceS: (asset) => estimate(known.get(asset.id)?.serviceRatios ?? [], 1) * usualServiceS(asset),
    approachS: (assetId) => estimate(known.get(assetId)?.approachS ?? [], 0),
    avoids: (vehicleId, assetId, nowMs) =>
      recent(known.get(assetId)?.declines ?? [], nowMs).filter((decline) => decline.vehicleId === vehicleId).length >=
      HABIT,
    prefers(assetId, nowMs) {
      const moves = recent(known.get(assetId)?.moves ?? [], nowMs);
      const to = moves.at(-1)?.toVehicleId;
      return moves.filter(({ toVehicleId }) => toVehicleId === to).length >= HABIT ? to : undefined;
    },
    familiarTo: (assetId, nowMs) =>
      recent(known.get(assetId)?.served ?? [], nowMs, MEMORY_MS)
        .filter(({ count }) => count >= HABIT)
        .map(({ crewId }) => crewId),
    lastServedMs(assetId) {
      const times = (known.get(assetId)?.served ?? []).map(({ at }) => Date.parse(at));
      return times.length > 0 ? Math.max(...times) : undefined;
    },
    async done(round, stopId, assets) {
      const stop = round.stops.find(({ id }) => id === stopId);
      if (stop?.status !== 'done' || assets.length === 0) return;
      const visit = { crewId: round.crewId ?? round.vehicleId, at: stop.endedAt ?? stop.eta };
      const ratio = isRestedAt(round, stop, 'before') ? undefined : serviceRatio(stop, assets);
      const extraS = approachExtraS(round, stop);
      await save(
        assets.map(({ id }) => {
          const before = of(id);
          return {
            ...before,
            served: withVisit(before.served ?? [], visit),
            visits: [...(before.visits ?? []), { at: stop.arrivedAt ?? visit.at, reached: true }].slice(-KEPT_VISITS),
            ...(ratio !== undefined && { serviceRatios: [...before.serviceRatios, ratio].slice(-KEPT) }),
            ...(extraS !== undefined && { approachS: [...before.approachS, extraS].slice(-KEPT) }),
          };
        }),
      );
    },
    blockedHours: (assetId, timeZone) => blockedHours(known.get(assetId)?.visits ?? [], timeZone),
    visited: (ids, visit) =>
      save(ids.map((id) => ({ ...of(id), visits: [...(of(id).visits ?? []), visit].slice(-KEPT_VISITS) }))),
    declined: (ids, decline) =>
      save(ids.map((id) => ({ ...of(id), declines: [...of(id).declines, decline].slice(-KEPT) }))),
    moved: (ids, move) => save(ids.map((id) => ({ ...of(id), moves: [...of(id).moves, move].slice(-KEPT) }))),
    unmoved: (ids, { fromVehicleId, toVehicleId }) =>
      save(
        ids.map((id) => {
          const { moves } = of(id);
          const last = moves.findLastIndex(
            (move) => move.fromVehicleId === toVehicleId && move.toVehicleId === fromVehicleId,
          );
          return { ...of(id), moves: moves.filter((_, index) => index !== last) };
        }),
      ),
  };
}

function recent<T extends { at: string }>(items: readonly T[], nowMs: number, withinMs = HABIT_MS): T[] {
  return items.filter(({ at }) => Date.parse(at) > nowMs - withinMs);
}

/** Counts a crew's visit; of many crews those that came last are kept. */
function withVisit(
  served: NonNullable<StopLearning['served']>,
  { crewId, at }: { crewId: string; at: string },
): NonNullable<StopLearning['served']> {
  const known = served.find((entry) => entry.crewId === crewId);
  const counted = { crewId, count: (known?.count ?? 0) + 1, at };
  return [...served.filter((entry) => entry !== known), counted].slice(-KEPT);
}

/** How long the work took against what it usually takes; undefined when the taps do not tell. */
function serviceRatio({ arrivedAt, endedAt, opensAt }: Stop, assets: AssetInput[]): number | undefined {
  if (!arrivedAt || !endedAt) return undefined;
  const begunMs = Math.max(Date.parse(arrivedAt), opensAt ? Date.parse(opensAt) : 0);
  const workS = (Date.parse(endedAt) - begunMs) / 1000;
  const usualS = assets.reduce((sum, asset) => sum + usualServiceS(asset), 0);
  const ratio = workS / usualS;
  const tells = workS >= SHORTEST_S && workS <= LONGEST_S && ratio >= RATIO_RANGE[0] && ratio <= RATIO_RANGE[1];
  return tells ? ratio : undefined;
}

/** How much longer the way took than planned, where the stop before was indeed the one before. */
function approachExtraS(round: Round, stop: Stop): number | undefined {
  const { stops } = round;
  const before = stops[stops.indexOf(stop) - 1];
  if (before && isRestedAt(round, before, 'after')) return undefined;
  if (!before || !isEnded(before) || !before.endedAt || !stop.arrivedAt || stop.legS === undefined) return undefined;
  const tookS = (Date.parse(stop.arrivedAt) - Date.parse(before.endedAt)) / 1000;
  const extraS = tookS - stop.legS;
  return tookS >= 0 && Math.abs(extraS) <= LONGEST_APPROACH_S ? extraS : undefined;
}

/** A break told or planned there hides how long work or way took. */
function isRestedAt({ breaks = [] }: Round, { id }: Stop, place: 'before' | 'after'): boolean {
  return breaks.some((rest) => rest.stopId === id && (rest.place === place || rest.taken === true));
}
