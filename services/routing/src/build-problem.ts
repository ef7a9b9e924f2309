import type { Depot, DisposalSite, LatLon, Round, Stop, Vehicle } from '@ronde/contracts';
import type { Problem, Profile, Stop as SolverStop, Vehicle as SolverVehicle, Window } from '@ronde/solver';
import type { Travel } from '@ronde/travel';
import type { Candidate } from './candidates.ts';
import { loadAboardKg, splitRound } from './committed.ts';
import type { RoutingConfig } from './config.ts';
import { openSpans, type Span } from './shifts.ts';

const FRACTIONS = ['residual', 'paper', 'glass', 'plastic', 'organic', 'textile', 'litter'];
// Emptying a fuller bin is worth more even at equal risk: it saves the next visit
const FULL_VISIT_EUR = 3;
// A stop of the earlier version stays unless leaving it out pays clearly
const KEPT_EUR = 4;

/** A vehicle that this plan gives work to, with what of its round may not change. */
export interface Duty {
  vehicle: Vehicle;
  depot: Depot;
  span: Span;
  round: Round | undefined;
}

/** The solver's problem and the way back from its indices. */
export interface BuiltProblem {
  problem: Problem;
  /** What stands behind solver stop i: a candidate, or a committed stop of a duty. */
  stops: ({ kind: 'candidate'; candidate: Candidate } | { kind: 'committed'; stop: Stop; duty: number })[];
  sites: DisposalSite[];
  duties: Duty[];
  startMs: number;
}

interface Input {
  duties: Duty[];
  sites: DisposalSite[];
  candidates: Candidate[];
  keep: Set<string>;
  timeZone: string;
  startMs: number;
  config: RoutingConfig;
}

/** Builds the routing problem of one plan: money in cents, time in seconds since `startMs`. */
export async function buildProblem(input: Input, travel: Travel): Promise<BuiltProblem> {
  const places = createPlaces();
  const endMs = Math.max(...input.duties.map(({ span }) => span.endMs));
  const windowsOf = (windows: Parameters<typeof openSpans>[0] | undefined): { windows?: Window[] } => {
    if (!windows?.length) return {};
    const spans = openSpans(windows, input.timeZone, { startMs: input.startMs, endMs });
    const open = spans.map(({ startMs, endMs: closeMs }): Window => [secondsOf(Math.max(startMs, input.startMs), input), secondsOf(closeMs, input)]);
    // closed all through the plan: a window that no vehicle can reach
    return { windows: merge(open.length > 0 ? open : [[-1, -1]]) };
  };
  const stops: SolverStop[] = [];
  const meanings: BuiltProblem['stops'] = [];
  input.candidates.forEach((candidate) => {
    meanings.push({ kind: 'candidate', candidate });
    stops.push({ ...toSolverStop(candidate, input), location: places.add(candidate.position), ...windowsOf(candidate.assets[0]!.timeWindows) });
  });
  const vehicles = input.duties.map((duty, index): SolverVehicle => {
    const locked = committedOf(duty).map((stop) => {
      const site = stop.kind === 'disposal' ? input.sites.findIndex(({ id }) => id === stop.siteId) : -1;
      if (site >= 0) return ~site;
      meanings.push({ kind: 'committed', stop, duty: index });
      stops.push({
        location: places.add(stop), serviceS: stop.serviceS ?? 0, load: [Math.round(stop.loadKg ?? 0)], allowedVehicles: [index],
      });
      return stops.length - 1;
    });
    return { ...toSolverVehicle(duty, input), ...endsOf(duty, places), locked, profile: index };
  });
  const sites = input.sites.map((site) => ({
    location: places.add(site.position),
    tippingS: site.tippingTimeS,
    fractions: site.fractions.map((fraction) => FRACTIONS.indexOf(fraction)),
    ...windowsOf(site.openingHours),
  }));
  const profiles = await profilesOf(input.duties, places.all, travel);
  const problem = { locations: places.all.length, profiles, stops, vehicles, sites };
  return { problem, stops: meanings, sites: input.sites, duties: input.duties, startMs: input.startMs };
}

/** Tells whether a vehicle may serve a place: fraction, lift type and area fit. */
export function fits(vehicle: Vehicle, candidate: Candidate): boolean {
  const areas = vehicle.areaIds;
  return (
    vehicle.fractions.includes(candidate.fraction) &&
    vehicle.liftTypes.includes(candidate.liftType) &&
    (!areas?.length || candidate.assets.every(({ areaId }) => areaId !== undefined && areas.includes(areaId)))
  );
}

function toSolverStop(candidate: Candidate, { duties, keep, config }: Input): Omit<SolverStop, 'location'> {
  const kept = candidate.assets.some(({ id }) => keep.has(id));
  const worthEur = config.COST_OVERFLOW_EUR * candidate.risk + FULL_VISIT_EUR * candidate.fill ** 2 + (kept ? KEPT_EUR : 0);
  return {
    serviceS: Math.round(candidate.serviceS),
    load: [Math.round(candidate.loadKg)],
    fraction: FRACTIONS.indexOf(candidate.fraction),
    allowedVehicles: duties.flatMap(({ vehicle }, index) => (fits(vehicle, candidate) ? [index] : [])),
    // required stops carry a prize too, many times any detour: one that cannot be reached must not make the plan worthless
    prize: Math.round(worthEur * 100 * (candidate.required ? 20 : 1)),
  };
}

function toSolverVehicle(duty: Duty, input: Input): Omit<SolverVehicle, 'startLocation' | 'endLocation'> {
  const { vehicle, span, round } = duty;
  const aboardKg = round ? Math.round(loadAboardKg(round)) : 0;
  const underWay = round !== undefined && splitRound(round).executed.length > 0;
  return {
    capacity: [vehicle.capacityKg],
    shift: [secondsOf(Math.max(span.startMs, input.startMs), input), secondsOf(span.endMs, input)],
    costPerM: input.config.COST_PER_KM_EUR / 10,
    costPerS: input.config.COST_PER_HOUR_EUR / 36,
    mustEndEmpty: true,
    underWay,
    ...(aboardKg > 0 && { initialLoad: [aboardKg], initialFractions: [FRACTIONS.indexOf(vehicle.fractions[0]!)] }),
  };
}

/** A vehicle under way starts from where it last worked, else from its depot; it always ends there. */
function endsOf(duty: Duty, places: Places): { startLocation: number; endLocation: number } {
  const home = places.add(duty.depot.position);
  const last = duty.round && splitRound(duty.round).executed.at(-1);
  return { startLocation: last ? places.add(last) : home, endLocation: home };
}

/** The stops of a duty that this plan must keep first, in order. */
export function committedOf(duty: Duty): Stop[] {
  return duty.round ? splitRound(duty.round).committed : [];
}

interface Places {
  all: LatLon[];
  add(position: LatLon): number;
}
function createPlaces(): Places {
  const all: LatLon[] = [];
  const known = new Map<string, number>();
  return {
    all,
    add({ lat, lon }) {
      const key = `${lat},${lon}`;
      const index = known.get(key) ?? all.push({ lat, lon }) - 1;
      known.set(key, index);
      return index;
    },
  };
}

async function profilesOf(duties: Duty[], positions: LatLon[], travel: Travel): Promise<Profile[]> {
  const bySpeed = new Map<number, Promise<Profile>>();
  for (const { vehicle } of duties) {
    if (!bySpeed.has(vehicle.speedKmh)) bySpeed.set(vehicle.speedKmh, travel.matrix(positions, { speedKmh: vehicle.speedKmh }));
  }
  return Promise.all(duties.map(({ vehicle }) => bySpeed.get(vehicle.speedKmh)!));
}

function secondsOf(ms: number, { startMs }: { startMs: number }): number {
  return Math.round((ms - startMs) / 1000);
}

/** The solver wants windows ascending and disjoint. */
function merge(windows: Window[]): Window[] {
  const merged: [number, number][] = [];
  for (const [openS, closeS] of [...windows].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && openS <= last[1]) last[1] = Math.max(last[1], closeS);
    else merged.push([openS, closeS]);
  }
  return merged;
}
