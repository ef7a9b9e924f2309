import type { DisposalSite, Stop } from '@ronde/contracts';
import type { Profile, Vehicle as SolverVehicle, Window } from '@ronde/solver';
import type { Duty } from './build-problem.ts';
import { aboardOf, whereabouts, type Aboard } from './committed.ts';
import { FRACTIONS } from './loads.ts';

/** A visit that comes first whatever the plan: a solver stop, or a site. */
export interface Lock {
  code: number;
  location: number;
  serviceS: number;
  /** When it opens, seconds since the plan's start; 0 = open. */
  openS: number;
  kind: Stop['kind'];
  kg: number;
  litres: number;
}

/** A site as the solver sees it. */
export interface SolverSite {
  location: number;
  tippingS: number;
  fractions: number[];
  windows?: Window[];
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
}

/** A vehicle with something in hand: what is aboard, where it comes from, what it does first, and until when that takes. */
export function startOf(given: Start): {
  vehicle: Pick<SolverVehicle, 'shift' | 'locked' | 'underWay' | 'initialLoad' | 'initialFractions'>;
  loads: Map<number, number[]>;
} {
  const { duty, shift } = given;
  const { round, vehicle } = duty;
  if (!round || round.status !== 'active')
    return { vehicle: { shift, locked: given.locks.map(({ code }) => code) }, loads: new Map() };
  const capacity = capacityOf(duty);
  const aboard = aboardOf(round);
  const initial = round.vehicleFull
    ? capacity
    : [aboard.kg, aboard.litres].map((amount, k) => Math.min(Math.round(amount), capacity[k]!));
  const loaded = initial.some((amount) => amount > 0);
  const fractions = bitsOf(aboard, vehicle.fractions[0]!);
  const readyS = readyOf(given);
  const locks = round.vehicleFull ? tipFirst(given, fractions, readyS) : given.locks;
  const loads = clampLoads(locks, initial, capacity);
  const neededS = neededUntil(given, locks, { readyS, loaded });
  return {
    vehicle: {
      // what is promised is kept, with overtime where it must be
      shift: [readyS, Math.max(shift[1], neededS)],
      locked: locks.map(({ code }) => code),
      underWay: true,
      ...(loaded && { initialLoad: initial, initialFractions: fractions }),
    },
    loads,
  };
}

/** Most a vehicle may hold: kg, litres. */
export function capacityOf({ vehicle }: Pick<Duty, 'vehicle'>): number[] {
  return [vehicle.capacityKg, vehicle.capacityL ?? 1e9];
}

/** What is left of the work at the stop a crew is at, seconds. */
export function remainingS(stop: Stop, nowMs: number): number {
  const serviceS = stop.serviceS ?? 0;
  if (stop.status !== 'arrived' || !stop.arrivedAt) return serviceS;
  const begunMs = Math.max(Date.parse(stop.arrivedAt), Date.parse(stop.opensAt ?? stop.arrivedAt));
  const spentS = Math.max(0, nowMs - begunMs) / 1000;
  return Math.round(Math.max(serviceS - spentS, Math.min(serviceS, 60)));
}

/** A vehicle between two stops left the last one some time ago; it does not arrive before now, though. */
function readyOf({ duty, locks, profile, locations, startLocation, startMs }: Start): number {
  const where = duty.round && whereabouts(duty.round);
  const [next] = locks;
  if (!where || where.there || !next || !where.stop.endedAt) return 0;
  const driveS = profile.durationS[startLocation * locations + next.location]!;
  return Math.max(-driveS, Math.min(0, Math.round((Date.parse(where.stop.endedAt) - startMs) / 1000)));
}

/** A full vehicle tips before anything else; the promised stops keep their order behind it. */
function tipFirst(given: Start, fractions: number[], readyS: number): Lock[] {
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
    serviceS: site.tippingS,
    openS: 0,
    kind: 'disposal',
    kg: 0,
    litres: 0,
  };
}

/** Expected loads are estimates: a promised stop whose load does not fit takes the room that is left. */
function clampLoads(locks: Lock[], initial: number[], capacity: number[]): Map<number, number[]> {
  const loads = new Map<number, number[]>();
  let room = capacity.map((limit, k) => limit - initial[k]!);
  for (const lock of locks) {
    if (lock.kind === 'disposal') room = [...capacity];
    else {
      const taken = [lock.kg, lock.litres].map((amount, k) => Math.max(0, Math.min(Math.round(amount), room[k]!)));
      loads.set(lock.code, taken);
      room = room.map((left, k) => left - taken[k]!);
    }
  }
  return loads;
}

/** When the promised visits are done, with a tip after them when something is aboard, and the way home. */
function neededUntil(
  { sites, profile, locations, startLocation, endLocation }: Start,
  locks: Lock[],
  from: { readyS: number; loaded: boolean },
): number {
  const toS = (a: number, b: number): number => profile.durationS[a * locations + b]!;
  let [at, clockS, loaded] = [startLocation, from.readyS, from.loaded];
  for (const lock of locks) {
    clockS = Math.max(clockS + toS(at, lock.location), lock.openS) + lock.serviceS;
    at = lock.location;
    loaded = lock.kind !== 'disposal';
  }
  if (!loaded || sites.length === 0) return clockS + toS(at, endLocation);
  // which site accepts the load is the solver's matter; the farthest one is time enough
  const tipS = sites.map((site) => toS(at, site.location) + site.tippingS + toS(site.location, endLocation));
  return clockS + Math.max(...tipS);
}

function bitsOf({ fractions }: Aboard, usual: DisposalSite['fractions'][number]): number[] {
  const known = fractions.size > 0 ? [...fractions] : [usual];
  return known.map((fraction) => FRACTIONS.indexOf(fraction));
}

/** Where a duty starts: at the stop its crew is at or was at last, else at its depot. */
export function startPlaceOf(duty: Duty): { lat: number; lon: number } {
  const where = duty.round?.status === 'active' ? whereabouts(duty.round) : undefined;
  return where?.stop ?? duty.depot.position;
}
