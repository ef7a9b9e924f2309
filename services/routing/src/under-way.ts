import type { BreakRule, LoadPart, Round, Stop } from '@ronde/contracts';
import type { Profile, QueuePeriod, Vehicle as SolverVehicle, Window } from '@ronde/solver';
import type { Duty } from './build-problem.ts';
import { breaksOf, mostOwedS } from './break-rules.ts';
import { aboardOf, whereabouts } from './committed.ts';
import { currentBreak, dutySoFar } from './duty-so-far.ts';
import { batteryOf } from './energy-rules.ts';
import { clampLoads, loadedWith, type TakenLoad } from './locked-loads.ts';
import { longestQueueS } from './site-rules.ts';

/** A visit that comes first whatever the plan: a solver stop, or a site. */
export interface Lock {
  code: number;
  location: number;
  serviceS: number;
  /** When it opens, seconds since the plan's start; 0 = open. */
  openS: number;
  kind: Stop['kind'];
  /** Containers lifted there. */
  lifts: number;
  /** What it brings aboard. */
  parts: LoadPart[];
}

/** A site as the solver sees it. */
export interface SolverSite {
  location: number;
  tippingS: number;
  fractions: number[];
  windows?: Window[];
  weighInS?: number;
  queue?: QueuePeriod[];
  chargeKw?: number;
}

interface Start {
  duty: Duty;
  locks: Lock[];
  sites: SolverSite[];
  profile: Profile;
  locations: number;
  startLocation: number;
  endLocation: number;
  /** When the plan starts, and the shift within the plan, seconds. */
  startMs: number;
  shift: Window;
  /** Break rules of vehicles that name none. */
  usualBreaks: readonly BreakRule[];
}

/** A vehicle with something in hand: what is aboard, where it comes from, what it does first, and until when that takes. */
export function startOf(given: Start): {
  vehicle: Pick<
    SolverVehicle,
    | 'shift'
    | 'locked'
    | 'underWay'
    | 'initialLoad'
    | 'initialFractions'
    | 'initialParts'
    | 'battery'
    | 'breaks'
    | 'soFar'
  >;
  loads: Map<number, TakenLoad>;
} {
  const { duty, shift, usualBreaks } = given;
  const { round, vehicle } = duty;
  const usual = vehicle.fractions[0]!;
  if (!round || round.status !== 'active') {
    const breaks = breaksOf(vehicle, usualBreaks, { restS: shift[1] - shift[0] });
    const start = {
      ...loadedWith(duty.carried ?? [], duty, false).start,
      ...batteryOf(duty, wayOf(given, given.locks)),
    };
    return { vehicle: { shift, locked: given.locks.map(({ code }) => code), ...breaks, ...start }, loads: new Map() };
  }
  const { start, parts } = loadedWith(aboardOf(round, usual), duty, round.vehicleFull ?? false);
  const loaded = start.initialLoad !== undefined;
  const locks = round.vehicleFull
    ? tipFirst(given, start.initialFractions ?? [], readyOf(given, given.locks))
    : given.locks;
  const readyS = readyOf(given, locks);
  const loads = clampLoads(locks, parts, duty);
  const neededS = neededUntil(given, locks, { readyS, loaded });
  const soFar = dutySoFar(round, given.startMs + readyS * 1000);
  const breaks = breaksOf(vehicle, usualBreaks, { soFar, restS: Math.max(shift[1], neededS) - readyS });
  return {
    vehicle: {
      // what is promised is kept, with overtime where it must be
      shift: [readyS, Math.max(shift[1], neededS + mostOwedS(breaks))],
      locked: locks.map(({ code }) => code),
      underWay: true,
      ...breaks,
      ...start,
      ...batteryOf(duty, wayOf(given, locks)),
    },
    loads,
  };
}

function wayOf({ profile, locations, startLocation, endLocation }: Start, locks: Lock[]) {
  return { locks, profile, locations, start: startLocation, end: endLocation };
}

/** What is left of the work at the stop a crew is at, seconds. */
export function remainingS(stop: Stop, nowMs: number, round?: Round): number {
  const serviceS = stop.serviceS ?? 0;
  if (stop.status !== 'arrived' || !stop.arrivedAt) return serviceS;
  const rest = round && currentBreak(round);
  const restedMs = rest?.planned.stopId === stop.id ? rest.endMs : 0;
  const begunMs = Math.max(Date.parse(stop.arrivedAt), Date.parse(stop.opensAt ?? stop.arrivedAt), restedMs);
  const spentS = Math.max(0, nowMs - begunMs) / 1000;
  return Math.round(Math.max(serviceS - spentS, Math.min(serviceS, 60)));
}

/** A vehicle between two stops left the last one some time ago; it does not arrive before now, though. */
function readyOf({ duty, profile, locations, startLocation, startMs }: Start, locks: Lock[]): number {
  const where = duty.round && whereabouts(duty.round);
  const [next] = locks;
  const rest = duty.round && currentBreak(duty.round);
  const restedS = rest && Math.round((rest.endMs - startMs) / 1000);
  // a break under way is had to its end
  if (restedS !== undefined && restedS > 0) return restedS;
  if (!where || where.there || !next || !where.stop.endedAt) return 0;
  const quickest = Math.min(1, ...(profile.byTime ?? []).map(({ factor = 1 }) => factor));
  const driveS = Math.floor(quickest * profile.durationS[startLocation * locations + next.location]!);
  const leftS = restedS ?? Math.round((Date.parse(where.stop.endedAt) - startMs) / 1000);
  return Math.max(-driveS, Math.min(0, leftS));
}

/** A full vehicle tips before anything else; the promised stops keep their order behind it. */
function tipFirst(given: Start, fractions: readonly number[], readyS: number): Lock[] {
  const { locks, sites, startLocation, profile, locations } = given;
  if (locks.length === 0 || locks[0]!.kind === 'disposal') return locks;
  const toS = (from: number, to: number): number => profile.durationS[from * locations + to]!;
  const open = (site: SolverSite, atS: number): boolean =>
    !site.windows?.length || site.windows.some(([openS, closeS]) => atS >= openS && atS <= closeS);
  const ranked = sites
    .map((site, index) => ({
      site,
      index,
      addedS: toS(startLocation, site.location) + toS(site.location, locks[0]!.location) + site.tippingS,
    }))
    .filter(
      ({ site }) =>
        fractions.every((fraction) => site.fractions.includes(fraction)) &&
        open(site, readyS + toS(startLocation, site.location)),
    )
    .sort((a, b) => a.addedS - b.addedS);
  const [best] = ranked;
  return best ? [siteLock(best.site, best.index), ...locks] : locks;
}

/** Gives the lock of a visit to a site. */
export function siteLock(site: SolverSite, index: number): Lock {
  return {
    code: ~index,
    location: site.location,
    serviceS: site.tippingS + longestQueueS(site),
    openS: 0,
    kind: 'disposal',
    lifts: 0,
    parts: [],
  };
}

/** When the promised visits are done, with a tip after them when something is aboard, and the way home. */
function neededUntil(
  { sites, profile, locations, startLocation, endLocation }: Start,
  locks: Lock[],
  from: { readyS: number; loaded: boolean },
): number {
  const slowest = Math.max(1, ...(profile.byTime ?? []).map(({ factor = 1 }) => factor));
  const toS = (a: number, b: number): number => Math.ceil(slowest * profile.durationS[a * locations + b]!);
  let [at, clockS, loaded] = [startLocation, from.readyS, from.loaded];
  for (const lock of locks) {
    clockS = Math.max(clockS + toS(at, lock.location), lock.openS) + lock.serviceS;
    at = lock.location;
    loaded = lock.kind !== 'disposal';
  }
  if (!loaded || sites.length === 0) return clockS + toS(at, endLocation);
  // which site accepts the load is the solver's matter; the farthest one is time enough
  const tipS = sites.map(
    (site) => toS(at, site.location) + site.tippingS + longestQueueS(site) + toS(site.location, endLocation),
  );
  return clockS + Math.max(...tipS);
}

/** Where a duty starts: at the stop its crew is at or was at last, else at its depot. */
export function startPlaceOf(duty: Duty): { lat: number; lon: number } {
  const where = duty.round?.status === 'active' ? whereabouts(duty.round) : undefined;
  return where?.stop ?? duty.depot.position;
}
