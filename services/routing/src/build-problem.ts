import type {
  Calendar,
  Depot,
  DisposalSite,
  LatLon,
  LoadPart,
  RoadClosure,
  Round,
  Stop,
  TimeWindow,
  Vehicle,
} from '@ronde/contracts';
import { withQuietHours } from '@ronde/solver';
import type { Problem, Stop as SolverStop, Vehicle as SolverVehicle, Window } from '@ronde/solver';
import type { Travel } from '@ronde/travel';
import { withoutHours } from './access-hours.ts';
import type { Assignment } from './assignment.ts';
import { toBreakRules } from './break-rules.ts';
import { fits, type Candidate } from './candidates.ts';
import { isEnded, partsOf } from './committed.ts';
import { liftKwh, withChargers } from './energy-rules.ts';
import type { RoutingConfig } from './config.ts';
import { previousOf } from './known-rounds.ts';
import { FRACTIONS } from './loads.ts';
import { capacityOf } from './locked-loads.ts';
import { profilesOf, withApproach } from './profiles.ts';
import { openSpans, type Span } from './shifts.ts';
import { quietHoursOf, siteRulesOf } from './site-rules.ts';
import { stopRulesOf } from './stop-rules.ts';
import { remainingS, siteLock, startOf, startPlaceOf, type Lock, type SolverSite } from './under-way.ts';
import { vehicleRulesOf } from './vehicle-rules.ts';

// Emptying a fuller bin is worth more even at equal risk: it saves the next visit
const FULL_VISIT_EUR = 3;
// A stop of the earlier version stays unless leaving it out pays clearly
const KEPT_EUR = 4;
// Required stops carry a prize too, many times any detour: one that cannot be reached must not make the plan worthless
const REQUIRED_TIMES = 20;
/** A crew that runs late keeps quiet hours too. */
const QUIET_AFTER_MS = 4 * 3_600_000;
/** Later than any plan ends. */
const FAR_S = 1e7;

/** One shift of a vehicle that a plan gives work to, with what of its round may not change. */
export interface Duty {
  vehicle: Vehicle;
  depot: Depot;
  shift: Span;
  /** The part of the shift the plan may use. */
  span: Span;
  round: Round | undefined;
  /** Stops of the round that the plan keeps first, in order. */
  locked: Stop[];
  /** Left aboard by the vehicle's round before. */
  carried?: LoadPart[];
}

/** What stands behind a solver stop: a candidate, or a committed stop of a duty. */
export type Meaning = { kind: 'candidate'; candidate: Candidate } | { kind: 'committed'; stop: Stop; duty: number };

/** The solver's problem and the way back from its indices. */
export interface BuiltProblem {
  problem: Problem;
  stops: Meaning[];
  sites: DisposalSite[];
  duties: Duty[];
  startMs: number;
  /** Gives the matrix index of a position of this problem. */
  placeOf(position: LatLon): number | undefined;
}

export interface ProblemInput {
  duties: Duty[];
  sites: DisposalSite[];
  candidates: Candidate[];
  keep: Set<string>;
  /** Ground that may not be driven on during the plan. */
  closures?: RoadClosure[];
  /** Who may serve a candidate; whoever fits when absent. */
  assignmentOf?(candidate: Candidate): Assignment;
  /** Seconds that the way to an asset takes longer than the map says. */
  approachS?(assetId: string): number;
  /** Local hours of the day at which crews mostly cannot get at an asset. */
  blockedHours?(assetId: string): number[];
  /** Crews that know an asset. */
  familiarTo?(assetId: string): string[];
  /** Departing from the rounds as crews know them costs something; not where an operator asks for the price of a move. */
  isSteady?: boolean;
  /** Opening hours by asset, for stops that are kept. */
  hours?: ReadonlyMap<string, TimeWindow[]>;
  timeZone: string;
  /** What the calendar says of hours: paces of travel and the like. */
  calendar?: Pick<Calendar, 'travelPaces' | 'quietHours'>;
  startMs: number;
  config: RoutingConfig;
}

/** Builds the routing problem of one plan: money in cents, time in seconds since `startMs`, loads in kg and litres. */
export async function buildProblem(input: ProblemInput, travel: Travel): Promise<BuiltProblem> {
  const { duties, startMs } = input;
  const places = createPlaces();
  const endMs = Math.max(...duties.map(({ span }) => span.endMs));
  const windows = (given: TimeWindow[] | undefined): { windows?: Window[] } =>
    windowsOf(given, input.timeZone, { startMs, endMs });
  const stops: SolverStop[] = [];
  const meanings: Meaning[] = [];
  for (const candidate of input.candidates) {
    meanings.push({ kind: 'candidate', candidate });
    stops.push({
      ...toSolverStop(candidate, input),
      location: places.add(candidate.position),
      ...withoutHours(windows(candidate.assets[0]!.timeWindows).windows, hoursShut(candidate, input), {
        timeZone: input.timeZone,
        within: { startMs, endMs },
      }),
    });
  }
  const known = withChargers(input.sites, duties);
  const sites = known.map((site): SolverSite => ({
    location: places.add(site.position),
    ...siteRulesOf(site, input.timeZone, { startMs, endMs }),
    ...windows(site.openingHours),
  }));
  const locks = duties.map((duty, index) =>
    duty.locked.flatMap((stop): Lock[] => {
      const site = stop.kind === 'disposal' ? known.findIndex(({ id }) => id === stop.siteId) : -1;
      if (site >= 0) return [siteLock(sites[site]!, site)];
      meanings.push({ kind: 'committed', stop, duty: index });
      const location = places.add(stop);
      const serviceS = remainingS(stop, startMs, duty.round);
      const opening = openOnly(windows(input.hours?.get(stop.assetIds[0] ?? '')));
      const lifts = stop.assetIds.length;
      const energyKwh = liftKwh([duty], lifts);
      const lifting = energyKwh > 0 && { energyKwh };
      const fraction = stop.fraction && { fraction: FRACTIONS.indexOf(stop.fraction) };
      stops.push({ location, serviceS, allowedVehicles: [index], ...fraction, ...opening, ...lifting });
      const openS = opening.windows?.[0]?.[0] ?? 0;
      const parts = partsOf(stop, duty.vehicle.fractions[0]!);
      return [{ code: stops.length - 1, location, serviceS, openS, kind: stop.kind, lifts, parts }];
    }),
  );
  const ends = duties.map((duty) => ({
    startLocation: places.add(startPlaceOf(duty)),
    endLocation: places.add(duty.depot.position),
  }));
  const extraS = new Map<number, number>();
  for (const { candidate } of meanings.filter((meaning) => meaning.kind === 'candidate'))
    extraS.set(places.add(candidate.position), mean(candidate.assets.map(({ id }) => input.approachS?.(id) ?? 0)));
  const profiles = withApproach(
    await profilesOf({ ...input, paces: input.calendar?.travelPaces }, places.all, travel),
    places.all.length,
    extraS,
  );
  const isAnyKnown = stops.some(({ familiarTo }) => familiarTo !== undefined);
  const usualBreaks = toBreakRules(input.config.BREAK_RULES);
  const vehicles = duties.map((duty, index): SolverVehicle => {
    const shift: Window = [Math.max(0, secondsOf(duty.span.startMs, startMs)), secondsOf(untilMs(duty), startMs)];
    const at = {
      duty,
      locks: locks[index]!,
      sites,
      profile: profiles[index]!,
      locations: places.all.length,
      ...ends[index]!,
      startMs,
      shift,
      usualBreaks,
    };
    const { vehicle, loads } = startOf(at);
    for (const [stop, taken] of loads) stops[stop] = { ...stops[stop]!, ...taken };
    return {
      ...ends[index]!,
      capacity: capacityOf(duty),
      ...costsOf(input.config),
      ...vehicleRulesOf(duty, input.config, isAnyKnown),
      mustEndEmpty: true,
      profile: index,
      ...vehicle,
    };
  });
  const previous = input.isSteady ? previousOf(duties, meanings, input.config) : undefined;
  const within = { startMs, endMs: endMs + QUIET_AFTER_MS };
  const quietHours = quietHoursOf(input.calendar?.quietHours, meanings, { timeZone: input.timeZone, within });
  const problem = withSilence({
    locations: places.all.length,
    profiles,
    stops,
    vehicles,
    sites,
    ...(previous && { previous }),
    ...(quietHours.length > 0 && { quietHours }),
  });
  return { problem, stops: meanings, sites: known, duties, startMs, placeOf: places.find };
}

function toSolverStop(candidate: Candidate, input: ProblemInput): Omit<SolverStop, 'location'> {
  const { duties, keep, config, assignmentOf } = input;
  const fitting = (): number[] => duties.flatMap(({ vehicle }, index) => (fits(vehicle, candidate) ? [index] : []));
  const assignment = assignmentOf?.(candidate) ?? { able: fitting(), pinned: false };
  const { able, pinned } = assignment;
  const kept = candidate.assets.some(({ id }) => keep.has(id));
  const worthEur =
    config.COST_OVERFLOW_EUR * candidate.prevented + FULL_VISIT_EUR * candidate.fill ** 2 + (kept ? KEPT_EUR : 0);
  return {
    serviceS: Math.round(candidate.serviceS),
    ...stopRulesOf(candidate, assignment, input),
    fraction: FRACTIONS.indexOf(candidate.fraction),
    allowedVehicles: able,
    // what an operator put somewhere is as good as required
    prize: Math.round(worthEur * 100 * (candidate.required || pinned ? REQUIRED_TIMES : 1)),
  };
}

/** Puts quiet hours into the hours of the stops, where all that times a round finds them; a plan is kept as JSON, so finite. */
function withSilence(problem: Problem): Problem {
  if (!problem.quietHours) return problem;
  const { stops, ...rest } = withQuietHours(problem);
  const finite = ([openS, closeS]: Window): Window => [Math.max(openS, -FAR_S), Math.min(closeS, FAR_S)];
  return {
    ...rest,
    stops: stops.map((stop) => (stop.windows ? { ...stop, windows: stop.windows.map(finite) } : stop)),
  };
}

/** Assets that stand together are shut off together. */
function hoursShut({ assets }: Candidate, { blockedHours }: ProblemInput): number[] {
  return [...new Set(assets.flatMap(({ id }) => blockedHours?.(id) ?? []))];
}

function costsOf(config: RoutingConfig): { costPerM: number; costPerS: number } {
  return { costPerM: config.COST_PER_KM_EUR / 10, costPerS: config.COST_PER_HOUR_EUR / 36 };
}

/** Turns weekly hours into the starts of service that a plan allows, seconds since its start, ascending and disjoint. */
export function windowsOf(windows: TimeWindow[] | undefined, timeZone: string, within: Span): { windows?: Window[] } {
  if (!windows?.length) return {};
  const open = openSpans(windows, timeZone, within).map(({ startMs, endMs }): Window => [
    Math.max(0, secondsOf(startMs, within.startMs)),
    secondsOf(endMs, within.startMs),
  ]);
  // closed all through the plan: a window that no vehicle can reach
  return { windows: open.length > 0 ? merge(open) : [[-1e6, -1e6]] };
}

/** A promised stop is not served before its place opens; that it comes too late must not make the plan impossible. */
function openOnly({ windows }: { windows?: Window[] }): { windows?: Window[] } {
  const next = windows?.find(([, closeS]) => closeS >= 0);
  return next ? { windows: [[next[0], FAR_S]] } : {};
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

interface Places {
  all: LatLon[];
  add(position: LatLon): number;
  find(position: LatLon): number | undefined;
}
function createPlaces(): Places {
  const all: LatLon[] = [];
  const known = new Map<string, number>();
  return {
    all,
    find: ({ lat, lon }) => known.get(`${lat},${lon}`),
    add({ lat, lon }) {
      const key = `${lat},${lon}`;
      const index = known.get(key) ?? all.push({ lat, lon }) - 1;
      known.set(key, index);
      return index;
    },
  };
}

/** Overtime is a forecast: what was granted bears so much of a change in it. */
const GRANTED_MS = 5 * 60_000;

/** Overtime that an operator took for a stop put into a round is granted as long as the stop waits there. */
function untilMs({ span, round }: Duty): number {
  const granted = (round?.stops ?? [])
    .filter((stop) => !isEnded(stop))
    .flatMap(({ pinned }) => (pinned?.overtimeUntil ? [Date.parse(pinned.overtimeUntil) + GRANTED_MS] : []));
  return Math.max(span.endMs, ...granted);
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The moment a plan counts from: the next whole second, since the solver counts in those. Shifts begin on whole ones too, so
 * that no departure is rounded to just before its shift.
 */
export function planStart(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}

function secondsOf(ms: number, startMs: number): number {
  return Math.round((ms - startMs) / 1000);
}
