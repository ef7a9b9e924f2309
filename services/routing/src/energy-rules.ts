import type { DisposalSite, Round, Vehicle } from '@ronde/contracts';
import type { Battery, Profile } from '@ronde/solver';
import type { Duty } from './build-problem.ts';
import { isEnded } from './committed.ts';
import type { Lock } from './under-way.ts';

/** A reading of the charge this long before a shift is of the shift: who charges after that is full. */
const FRESH_MS = 2 * 3_600_000;

/** Energy that lifting so many containers takes. The solver knows what a stop takes, not which vehicle: the thirstiest counts. */
export function liftKwh(duties: readonly Duty[], lifts: number): number {
  return lifts * Math.max(0, ...duties.map(({ vehicle }) => vehicle.battery?.kwhPerLift ?? 0));
}

/**
 * Sites, and depots whose charger electric vehicles may use between two trips. Such a depot takes no waste, so that only an
 * empty vehicle goes there.
 */
export function withChargers(sites: readonly DisposalSite[], duties: readonly Duty[]): DisposalSite[] {
  const depots = new Map(
    duties
      .filter(({ vehicle, depot }) => vehicle.battery && depot.chargeKw !== undefined)
      .map(({ depot }) => [depot.id, depot]),
  );
  const chargers = [...depots.values()].map(({ id, name, position, chargeKw }): DisposalSite => ({
    id: `charger-${id}`.slice(0, 64),
    name,
    position,
    fractions: [],
    tippingTimeS: 0,
    chargeKw,
  }));
  return [...sites, ...chargers];
}

/**
 * The battery of a vehicle when a plan starts: as told last, less what was used since; full where nothing was told and its
 * depot charges. It is taken to hold at least what the promised stops need: crews are sent there whatever the estimate. Their
 * way home leaves out the tip that the solver puts behind them where something is aboard: which site that is, it chooses.
 */
export function batteryOf(duty: Duty, { locks, profile, locations, start, end }: Way): { battery?: Battery } {
  const { battery } = duty.vehicle;
  if (!battery) return {};
  const { capacityKwh, kwhPerKm } = battery;
  const reserveKwh = Math.min(battery.reserveKwh ?? 0, capacityKwh);
  let [at, metres] = [start, 0];
  for (const to of [...locks.map(({ location }) => location), end]) {
    metres += profile.distanceM[at * locations + to]!;
    at = to;
  }
  const lifts = locks.reduce((sum, lock) => sum + lock.lifts, 0);
  const promisedKwh = locks.length === 0 ? 0 : reserveKwh + (metres * kwhPerKm) / 1000 + liftKwh([duty], lifts);
  const startKwh = Math.min(capacityKwh, Math.max(levelKwh(duty, battery), promisedKwh));
  return { battery: { capacityKwh, kwhPerKm, startKwh, reserveKwh } };
}

interface Way {
  locks: readonly Lock[];
  profile: Profile;
  locations: number;
  start: number;
  end: number;
}

function levelKwh({ round, depot, shift }: Duty, battery: NonNullable<Vehicle['battery']>): number {
  const { capacityKwh, charge } = battery;
  const active = round?.status === 'active' ? round : undefined;
  const isCharged = depot.chargeKw !== undefined;
  const told = [active?.charge, charge]
    .filter((known) => known !== undefined)
    .filter(({ at }) => !isCharged || Date.parse(at) >= shift.startMs - FRESH_MS)
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
  const level = (told?.level ?? 1) * capacityKwh;
  return Math.max(0, level - (active ? usedKwh(active, battery, told ? Date.parse(told.at) : -Infinity) : 0));
}

/** What a round has used since a moment, less what it charged. */
function usedKwh(
  { stops }: Round,
  { kwhPerKm, kwhPerLift = 0 }: NonNullable<Vehicle['battery']>,
  sinceMs: number,
): number {
  return stops
    .filter((stop) => isEnded(stop) && Date.parse(stop.endedAt ?? stop.eta) > sinceMs)
    .reduce((sum, { legM = 0, assetIds, status, chargedKwh = 0 }) => {
      const isDone = status === 'done';
      return sum + (legM * kwhPerKm) / 1000 + (isDone ? assetIds.length * kwhPerLift - chargedKwh : 0);
    }, 0);
}
