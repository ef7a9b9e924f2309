import type { DisposalSite, LeftOut, LoadPart, Round, RoundBreak, Stop, StopWhy } from '@ronde/contracts';
import { newId } from '@ronde/kit';
import type { Route } from '@ronde/solver';
import type { BuiltProblem, Duty } from './build-problem.ts';
import type { Candidate } from './candidates.ts';
import { isEnded, splitRound } from './committed.ts';
import { withLastTip } from './last-tip.ts';
import { breaksHad } from './duty-so-far.ts';
import { timetableOf, type Timetable } from './timetable.ts';
import { sayWhy } from './words.ts';

const FULL_FROM = 0.9;
const RISKY_FROM = 0.1;

export interface RouteResult {
  route: Route | undefined;
  planId: string;
  leftOut: LeftOut[];
  fullAt: (assetId: string) => number | null | undefined;
  nowMs: number;
}

/**
 * Turns the solver's route of one duty into the next version of its round.
 * @param current the round as it is now: what its crew did while the solver worked is kept
 * @returns undefined when there is nothing to drive and never was; a round without work left is cancelled
 */
export function makeRound(
  built: BuiltProblem,
  index: number,
  current: Round | undefined,
  result: RouteResult,
): Round | undefined {
  const duty = built.duties[index]!;
  const executed = current ? splitRound(current).executed : [];
  const ids = createStopIds(duty, current);
  const timetable = result.route && timetableOf(built.problem, result.route);
  const visits = timetable ? stopsOf(built, index, { ...result, route: result.route!, timetable, current, ids }) : [];
  // its status as it is now: the crew may have come while the solver worked
  const ended = new Set(executed.map(({ id }) => id));
  const planned = visits.filter(({ id }) => !ended.has(id));
  const endS = timetable?.endS;
  const aboardAtStart = current?.status === 'active' ? current.aboardAtStart : duty.carried;
  const whole = withLastTip({ built, index, executed, planned, endS, aboardAtStart }, (site, times) =>
    disposalStop(site, { ...times, id: ids.disposal(site.id) }),
  );
  const stops = [...executed, ...whole.stops].map((stop, place) => ({ ...stop, seq: place + 1 }));
  const version = { version: (current?.version ?? 0) + 1, planId: result.planId, leftOut: result.leftOut };
  if (stops.length === 0)
    return (
      current && { ...current, ...version, status: 'cancelled', stops: [], distanceM: 0, durationS: 0, ...leftBy(duty) }
    );
  const startsAt = current?.status === 'active' ? current.startsAt : iso(built, timetable?.departS ?? 0);
  const endsAt = whole.endMs === undefined ? (current?.endsAt ?? startsAt) : new Date(whole.endMs).toISOString();
  const breaks = breaksIn(built, duty, { current, timetable, visits });
  return {
    ...version,
    id: current?.id ?? newId('rnd', result.nowMs),
    vehicleId: duty.vehicle.id,
    crewId: duty.vehicle.crewId ?? null,
    status: current?.status ?? 'published',
    startsAt,
    endsAt,
    stops,
    distanceM: stops.reduce((sum, { legM }) => sum + (legM ?? 0), 0) + whole.homeM,
    durationS: Math.max(0, Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 1000)),
    ...(current?.vehicleFull && { vehicleFull: true }),
    ...(breaks.length > 0 && { breaks }),
    ...(current?.charge && { charge: current.charge }),
    ...(aboardAtStart?.length && { aboardAtStart }),
  };
}

/** A round that never was leaves aboard what the vehicle began with. */
function leftBy({ carried }: Duty): Pick<Round, 'leftAboard'> {
  return carried?.length ? { leftAboard: carried } : {};
}

/** Breaks that the crew has had by now, as far as the plan knew of them, and those that it is to have. */
function breaksIn(
  built: BuiltProblem,
  { round }: Duty,
  {
    current,
    timetable,
    visits,
  }: { current: Round | undefined; timetable: Timetable | undefined; visits: readonly Stop[] },
): RoundBreak[] {
  const had = round?.status === 'active' ? breaksHad(round) : [];
  const told = (current?.breaks ?? []).filter(
    (rest) => rest.taken && !had.some(({ startsAt }) => startsAt === rest.startsAt),
  );
  const planned = (timetable?.breaks ?? []).map(({ startS, endS, visit, place }): RoundBreak => ({
    startsAt: iso(built, startS),
    endsAt: iso(built, endS),
    stopId: visits[visit]!.id,
    place,
  }));
  return [...had, ...told, ...planned];
}

/** The stops behind the visits of a route, with times and legs. */
function stopsOf(
  built: BuiltProblem,
  index: number,
  {
    route,
    timetable,
    fullAt,
    current,
    ids,
  }: RouteResult & { route: Route; timetable: Timetable; current: Round | undefined; ids: StopIds },
): Stop[] {
  const duty = built.duties[index]!;
  const now = new Map((current?.stops ?? []).map((stop) => [stop.id, stop]));
  const tips = createTips(built, index);
  const legs = legsOf(built, duty, { route, timetable });
  return route.visits.map((visit, place): Stop => {
    const opensS = timetable.openS[place];
    const opening = opensS === undefined ? {} : { opensAt: iso(built, opensS) };
    const leg = legs[place]!;
    const times = { eta: iso(built, timetable.startS[place]!), legM: leg.metres, legS: leg.seconds, ...opening };
    if (visit.kind === 'disposal') {
      const site = built.sites[visit.index]!;
      const committed = tips.take(place, site.id);
      return committed
        ? { ...committed, ...now.get(committed.id), ...times }
        : disposalStop(site, {
            ...times,
            id: ids.disposal(site.id),
            serviceS: Math.round(timetable.workS[place]!),
            ...(visit.chargedKwh && { chargedKwh: Math.round(visit.chargedKwh * 10) / 10 }),
          });
    }
    const meaning = built.stops[visit.index]!;
    if (meaning.kind === 'committed') return { ...meaning.stop, ...now.get(meaning.stop.id), ...times };
    return assetStop(meaning.candidate, {
      ...times,
      id: ids.of(meaning.candidate),
      ...pinOf(meaning.candidate, duty.round),
      why: whyOf(meaning.candidate, duty.round, fullAt),
    });
  });
}

/** Finds the committed tips behind the locked visits to sites; a tip put before them for a full vehicle is a new one. */
function createTips(
  { problem, duties }: BuiltProblem,
  index: number,
): { take(place: number, siteId: string): Stop | undefined } {
  const duty = duties[index]!;
  const locked = problem.vehicles[index]!.locked ?? [];
  const waiting = duty.locked.filter(({ kind }) => kind === 'disposal');
  const isPutBefore = locked.filter((code) => code < 0).length > waiting.length;
  return {
    take(place, siteId) {
      if (place >= locked.length || (isPutBefore && place === 0) || waiting[0]?.siteId !== siteId) return undefined;
      return waiting.shift();
    },
  };
}

interface Leg {
  metres: number;
  seconds: number;
}

function legsOf(
  { problem }: BuiltProblem,
  duty: Duty,
  { route, timetable }: { route: Route; timetable: Timetable },
): Leg[] {
  const vehicle = problem.vehicles[route.vehicle]!;
  const { distanceM } = problem.profiles[vehicle.profile ?? 0]!;
  let at = vehicle.startLocation;
  return route.visits.map(({ kind, index }, place) => {
    const to = kind === 'stop' ? problem.stops[index]!.location : problem.sites![index]!.location;
    const [metres, seconds] = [distanceM[at * problem.locations + to]!, timetable.legS[place]!];
    at = to;
    // the leg to the stop a crew is at was driven before this plan
    const reached =
      place === 0 && metres === 0 ? duty.round?.stops.find(({ status }) => status === 'arrived') : undefined;
    return reached?.legM === undefined ? { metres, seconds } : { metres: reached.legM, seconds: reached.legS ?? 0 };
  });
}

/** When and from how far a stop is reached. */
type Times = Pick<Stop, 'eta' | 'legM' | 'legS' | 'opensAt'>;

function disposalStop(
  site: DisposalSite,
  { id, ...known }: { id: string } & Times & Pick<Stop, 'serviceS' | 'chargedKwh'>,
): Stop {
  const why: StopWhy = { code: site.fractions.length > 0 ? 'tip-load' : 'charge' };
  return {
    id,
    seq: 0,
    kind: 'disposal',
    assetIds: [],
    siteId: site.id,
    name: site.name,
    ...site.position,
    serviceS: site.tippingTimeS,
    ...known,
    reason: sayWhy(why),
    why,
    status: 'planned',
  };
}

function assetStop(
  candidate: Candidate,
  { id, why, ...times }: Times & Pick<Stop, 'pinned'> & { id: string; why: StopWhy },
): Stop {
  const [first] = candidate.assets;
  return {
    id,
    seq: 0,
    kind: 'asset',
    assetIds: candidate.assets.map((asset) => asset.id),
    name: first!.address ?? first!.name,
    ...candidate.position,
    ...times,
    serviceS: Math.round(candidate.serviceS),
    loadKg: Math.round(candidate.loadKg),
    loadL: Math.round(candidate.loadL),
    fraction: candidate.fraction,
    ...(candidate.parts && { parts: candidate.parts.map(rounded) }),
    reason: sayWhy(why),
    why,
    status: 'planned',
  };
}

function rounded({ fraction, loadKg, loadL }: LoadPart): LoadPart {
  return { fraction, loadKg: Math.round(loadKg), loadL: Math.round(loadL) };
}

/** Where an operator put a stop stays known from version to version. */
function pinOf(candidate: Candidate, previous: Round | undefined): Pick<Stop, 'pinned'> {
  const pinned = previous?.stops.find(({ assetIds }) =>
    candidate.assets.some(({ id }) => assetIds.includes(id)),
  )?.pinned;
  return pinned ? { pinned } : {};
}

function whyOf(candidate: Candidate, previous: Round | undefined, fullAt: RouteResult['fullAt']): StopWhy {
  const soonest = candidate.assets.map(({ id }) => fullAt(id) ?? Infinity).reduce((a, b) => Math.min(a, b), Infinity);
  const base = {
    fill: Math.min(1, candidate.fill),
    risk: candidate.risk,
    fullAt: Number.isFinite(soonest) ? new Date(soonest).toISOString() : null,
  };
  if (candidate.dueMs !== undefined) return { code: 'dwell', ...base };
  if (candidate.fill >= FULL_FROM) return { code: 'full', ...base };
  if (candidate.risk >= RISKY_FROM) return { code: 'risk', ...base };
  const kept = previous?.stops.some(({ assetIds }) => candidate.assets.some(({ id }) => assetIds.includes(id)));
  return { code: kept ? 'kept' : 'on-the-way', ...base };
}

interface StopIds {
  of(candidate: Candidate): string;
  disposal(siteId: string): string;
}

/** A place keeps its stop id from version to version, so that crews and diffs see the same stop; no id is used twice. */
function createStopIds({ round: planned, locked }: Duty, current: Round | undefined): StopIds {
  const stops = [...(planned?.stops ?? []), ...(current?.stops ?? [])];
  const used = new Set([...locked, ...stops.filter(isEnded)].map(({ id }) => id));
  let next = Math.max(0, ...stops.map(({ id }) => Number(/^s(\d+)$/.exec(id)?.[1] ?? 0)));
  const take = (matches: (stop: Stop) => boolean): string => {
    const id = stops.find((stop) => !used.has(stop.id) && matches(stop))?.id ?? `s${++next}`;
    used.add(id);
    return id;
  };
  return {
    of: (candidate) => take((stop) => candidate.assets.some(({ id }) => stop.assetIds.includes(id))),
    disposal: (siteId) => take((stop) => stop.siteId === siteId),
  };
}

function iso({ startMs }: BuiltProblem, atS: number): string {
  return new Date(startMs + atS * 1000).toISOString();
}
