import type { LeftOut, Round, Stop, StopWhy } from '@ronde/contracts';
import { newId } from '@ronde/kit';
import type { Route } from '@ronde/solver';
import type { BuiltProblem, Duty } from './build-problem.ts';
import type { Candidate } from './candidates.ts';
import { splitRound, type RoundParts } from './committed.ts';
import { sayWhy } from './words.ts';

const FULL_FROM = 0.9;
const RISKY_FROM = 0.1;

/** Turns the solver's route of one duty into the next version of its round; undefined when there is nothing to drive. */
export function makeRound(
  built: BuiltProblem,
  duty: Duty,
  result: { route: Route | undefined; planId: string; leftOut: LeftOut[]; fullAt: (assetId: string) => number | null | undefined; nowMs: number },
): Round | undefined {
  const previous = duty.round;
  const parts = previous ? splitRound(previous) : { executed: [], committed: [], open: [] };
  const ids = createStopIds(previous);
  const planned = (result.route?.visits ?? []).map((visit): Stop => {
    const eta = new Date(built.startMs + visit.startS * 1000).toISOString();
    if (visit.kind === 'disposal') return disposalStop(built, visit.index, { eta, ids, committed: parts.committed });
    const meaning = built.stops[visit.index]!;
    if (meaning.kind === 'committed') return { ...meaning.stop, eta };
    return assetStop(meaning.candidate, { eta, id: ids.of(meaning.candidate), why: whyOf(meaning.candidate, previous, result.fullAt) });
  });
  const stops = [...parts.executed, ...keepCommitted(parts, planned)].map((stop, index) => ({ ...stop, seq: index + 1 }));
  if (stops.length === 0) return undefined;
  const startMs = built.startMs + (result.route?.departS ?? 0) * 1000;
  const endMs = built.startMs + (result.route?.endS ?? 0) * 1000;
  const startsAt = previous?.startsAt ?? new Date(startMs).toISOString();
  return {
    id: previous?.id ?? newId('rnd', result.nowMs),
    version: (previous?.version ?? 0) + 1,
    planId: result.planId,
    vehicleId: duty.vehicle.id,
    crewId: duty.vehicle.crewId ?? null,
    status: previous?.status ?? 'published',
    startsAt,
    endsAt: new Date(result.route ? endMs : Math.max(result.nowMs, Date.parse(startsAt))).toISOString(),
    stops,
    leftOut: result.leftOut,
    distanceM: result.route?.distanceM ?? 0,
    durationS: Math.round((endMs - Date.parse(startsAt)) / 1000),
  };
}

/**
 * Puts the committed stops first, as the crew sees them at this moment, and drops what was executed while the solver
 * worked: the promise that the next stops never move holds even when the crew moved on meanwhile.
 */
function keepCommitted(parts: RoundParts, planned: Stop[]): Stop[] {
  const etas = new Map(planned.map((stop) => [stop.id, stop.eta]));
  const fixed = parts.committed.map((stop) => ({ ...stop, eta: etas.get(stop.id) ?? stop.eta }));
  const taken = new Set([...parts.executed, ...parts.committed].flatMap(({ id, assetIds }) => [id, ...assetIds]));
  const rest = planned.filter(({ id, assetIds }) => !taken.has(id) && !assetIds.some((assetId) => taken.has(assetId)));
  return [...fixed, ...rest];
}

function disposalStop(built: BuiltProblem, siteIndex: number, given: { eta: string; ids: StopIds; committed: Stop[] }): Stop {
  const site = built.sites[siteIndex]!;
  const committed = given.committed.find(({ kind, siteId, id }) => kind === 'disposal' && siteId === site.id && !given.ids.used.has(id));
  const id = committed?.id ?? given.ids.disposal(site.id);
  given.ids.used.add(id);
  const why: StopWhy = { code: 'tip-load' };
  return {
    id, seq: 0, kind: 'disposal', assetIds: [], siteId: site.id, name: site.name, ...site.position, eta: given.eta,
    serviceS: site.tippingTimeS, reason: sayWhy(why), why, status: committed?.status ?? 'planned',
  };
}

function assetStop(candidate: Candidate, given: { eta: string; id: string; why: StopWhy }): Stop {
  const [first] = candidate.assets;
  return {
    id: given.id, seq: 0, kind: 'asset', assetIds: candidate.assets.map(({ id }) => id), name: first!.address ?? first!.name,
    ...candidate.position, eta: given.eta, serviceS: Math.round(candidate.serviceS), loadKg: Math.round(candidate.loadKg),
    reason: sayWhy(given.why), why: given.why, status: 'planned',
  };
}

function whyOf(candidate: Candidate, previous: Round | undefined, fullAt: (assetId: string) => number | null | undefined): StopWhy {
  const soonest = candidate.assets.map(({ id }) => fullAt(id) ?? Infinity).reduce((a, b) => Math.min(a, b), Infinity);
  const base = {
    fill: Math.min(1, candidate.fill),
    risk: candidate.risk,
    fullAt: Number.isFinite(soonest) ? new Date(soonest).toISOString() : null,
  };
  if (candidate.fill >= FULL_FROM) return { code: 'full', ...base };
  if (candidate.risk >= RISKY_FROM) return { code: 'risk', ...base };
  const kept = previous?.stops.some(({ assetIds }) => candidate.assets.some(({ id }) => assetIds.includes(id)));
  return { code: kept ? 'kept' : 'on-the-way', ...base };
}

interface StopIds {
  used: Set<string>;
  of(candidate: Candidate): string;
  disposal(siteId: string): string;
}

/** A place keeps its stop id from version to version, so that crews and diffs see the same stop. */
function createStopIds(previous: Round | undefined): StopIds {
  const stops = previous?.stops ?? [];
  const used = new Set(stops.filter(({ status }) => status !== 'planned').map(({ id }) => id));
  let next = Math.max(0, ...stops.map(({ id }) => Number(/^s(\d+)$/.exec(id)?.[1] ?? 0)));
  const take = (matches: (stop: Stop) => boolean): string => {
    const id = stops.find((stop) => stop.status === 'planned' && !used.has(stop.id) && matches(stop))?.id ?? `s${++next}`;
    used.add(id);
    return id;
  };
  return {
    used,
    of: (candidate) => take((stop) => candidate.assets.some(({ id }) => stop.assetIds.includes(id))),
    disposal: (siteId) => take((stop) => stop.siteId === siteId),
  };
}
