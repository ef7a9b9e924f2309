import { RondeError, type AssetInput, type LeftOut, type Plan, type Round, type TimeWindow } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import type { Travel } from '@ronde/travel';
import { createAssignment, type Assignment } from './assignment.ts';
import { buildProblem, planStart, type BuiltProblem, type Duty } from './build-problem.ts';
import { chooseCandidates, togetherOf, type Candidate } from './candidates.ts';
import { activeClosures, closedAt } from './closures.ts';
import { COMMITTED_STOPS } from './committed.ts';
import type { RoutingConfig } from './config.ts';
import { dutiesOf, endsOf, fallenRounds, takenAssets, waitingAssets } from './duties.ts';
import { readFleet, type Fleet } from './fleet.ts';
import type { Forecaster } from './forecaster.ts';
import { asInitial } from './initial.ts';
import { keepOf } from './keep-plan.ts';
import type { Learnings } from './learnings.ts';
import { DEFAULT_VOLUME_L, fractionOf } from './loads.ts';
import { createOpportunity } from './opportunity.ts';
import type { Rests } from './rests.ts';
import type { RoundStore } from './round-store.ts';
import type { SolveJob, Solver } from './solver.ts';
import { dueMsOf } from './stop-rules.ts';
import type { Solved } from './solve-worker.ts';
import type { Vetoes } from './vetoes.ts';
import { explainLeftOut, sayLeftOut } from './words.ts';

export interface PlanRequest {
  cause: Plan['cause'];
  fromMs: number;
  toMs: number;
  vehicleIds?: string[] | undefined;
}

export interface DraftDeps {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  log: Logger;
  travel: Travel;
  forecaster: Pick<Forecaster, 'outlook' | 'fullAtMs'>;
  rests: Pick<Rests, 'resting'>;
  vetoes: Pick<Vetoes, 'isVetoed'>;
  learnings: Pick<
    Learnings,
    'avoids' | 'prefers' | 'serviceS' | 'approachS' | 'familiarTo' | 'lastServedMs' | 'blockedHours'
  >;
  rounds: RoundStore;
  config: RoutingConfig;
  /** The solver in its thread; tests put a failing one here. */
  solver: Pick<Solver, 'solve'>;
}

/** A candidate that a plan leaves out, with what is said of each of its assets. */
export interface Unserved {
  candidate: Candidate;
  leftOut: LeftOut[];
}

/** A plan that is found but not out. */
export interface Draft {
  built: BuiltProblem;
  job: SolveJob;
  solved: Solved;
  unserved: Unserved[];
  /** Left out before the solver saw them. */
  aside: LeftOut[];
  candidates: number;
  /** Rounds whose vehicle fell out: what waits there is given to others. */
  fallen: Round[];
}

// A seed per plan would make a plan depend on its id; with one seed the same state gives the same plan
const SEED = 1;
/** Causes that are one thing that happened: to be answered quickly. A shift that begins is worth a longer search. */
const EVENTS = new Set<Plan['cause']>([
  'bin-full',
  'crew-event',
  'crew-declined',
  'vehicle-out',
  'vehicle-late',
  'vehicle-full',
  'road-closed',
]);
/** Platform time of a quick stop: what a crew may get done while the solver works. */
const QUICK_STOP_S = 90;

/** Reads the live state, builds its problem and searches; a later attempt searches shorter. */
export async function draftPlan(
  request: PlanRequest,
  deps: DraftDeps & { signal: AbortSignal; attempt: number; mostSolveS: number },
): Promise<Draft> {
  const { registry, rounds, config, clock, solver, signal } = deps;
  const fleet = await readFleet(registry, config.TENANT);
  const startMs = planStart(Math.max(clock.nowMs(), request.fromMs));
  const seconds = Math.min(deps.mostSolveS, budgetOf(fleet, { ...request, fromMs: startMs }, deps) / deps.attempt);
  const commit = COMMITTED_STOPS + Math.ceil((seconds * clock.speed) / QUICK_STOP_S);
  const duties = dutiesOf(fleet, { ...request, fromMs: startMs, commit }, rounds);
  if (duties.length === 0) {
    throw new RondeError(
      'PLAN_IMPOSSIBLE',
      'no vehicle has a shift in this time; give a vehicle with a depot and a shift inside from…to',
    );
  }
  const fallen = fallenRounds(fleet, rounds);
  const weighed = await weigh(fleet, { duties, fallen, startMs }, deps);
  const { built, chosen, unable } = weighed;
  const keep = keepOf(built, {
    changes: config.PLAN_MAX_CHANGES,
    orphans: waitingAssets(fallen),
    isEvent: EVENTS.has(request.cause),
  });
  const job: SolveJob = {
    problem: built.problem,
    seed: SEED,
    budget: { seconds },
    ...(keep && { keep, initial: asInitial(built) }),
  };
  const solved = await solver.solve({ ...job, signal });
  if (signal.aborted) throw new Error('the service was stopped');
  const isSpent = keep !== undefined && solved.changed >= keep.changes;
  return {
    built,
    job,
    solved,
    unserved: leftOutOf(built, solved, isSpent),
    aside: [...unable, ...restingOf(fleet, deps), ...chosen.leftOut],
    candidates: chosen.candidates.length,
    fallen,
  };
}

/** A change of rounds under way must be quick; rounds that nobody drives yet are worth a longer search. */
function budgetOf(fleet: Fleet, request: PlanRequest, { rounds, config }: DraftDeps): number {
  const duties = dutiesOf(fleet, { ...request, commit: COMMITTED_STOPS }, rounds);
  const isActive = ({ round }: Duty): boolean => round?.status === 'active';
  const isQuick = EVENTS.has(request.cause) ? duties.some(isActive) : duties.length > 0 && duties.every(isActive);
  return isQuick ? Math.min(config.REPLAN_S, config.SOLVE_S) : config.SOLVE_S;
}

interface Weighed {
  built: BuiltProblem;
  chosen: { candidates: Candidate[]; leftOut: LeftOut[] };
  unable: LeftOut[];
}

/** Turns the live state into a problem: what is worth a stop, and who may serve it. */
async function weigh(
  fleet: Fleet,
  { duties, fallen, startMs }: { duties: Duty[]; fallen: Round[]; startMs: number },
  deps: DraftDeps,
): Promise<Weighed> {
  const { forecaster, rounds, rests, config, clock, travel, learnings } = deps;
  const { exclude, keep } = takenAssets(duties, rounds, fallen);
  for (const id of rests.resting(clock.nowMs())) exclude.add(id);
  const chosen = await chooseCandidates(fleet.assets, forecaster, {
    byMs: createOpportunity(fleet, endsOf(duties), clock.nowMs()),
    exclude,
    keep,
    serviceS: learnings.serviceS,
    together: togetherOf(duties),
    dueMs: (asset) =>
      dueMsOf(
        { ...asset, fractions: asset.chambers.map(({ id }) => fractionOf(asset, id)) },
        fleet.calendar.maxDwellDays,
        learnings.lastServedMs(asset.id),
      ),
  });
  const assign = createAssignment(duties, deps, clock.nowMs());
  const endMs = Math.max(...duties.map(({ span }) => span.endMs));
  const closures = activeClosures(fleet.closures, startMs, endMs);
  const assigned = new Map(
    chosen.candidates.map((candidate): [Candidate, Assignment] => {
      const isShut = closedAt(closures, candidate.position, { startMs, endMs }) !== undefined;
      return [candidate, isShut ? { able: [], pinned: false, why: 'road-closed' } : assign(candidate)];
    }),
  );
  const built = await buildProblem(
    {
      duties,
      sites: fleet.sites,
      candidates: chosen.candidates.filter((candidate) => assigned.get(candidate)!.able.length > 0),
      keep,
      closures,
      assignmentOf: (candidate) => assigned.get(candidate)!,
      approachS: learnings.approachS,
      familiarTo: (assetId) => learnings.familiarTo(assetId, clock.nowMs()),
      blockedHours: (assetId) => learnings.blockedHours(assetId, fleet.calendar.timeZone),
      isSteady: true,
      hours: hoursOf(fleet.assets),
      timeZone: fleet.calendar.timeZone,
      calendar: fleet.calendar,
      startMs,
      config,
    },
    travel,
  );
  return {
    built,
    chosen,
    unable: [...assigned].flatMap(([candidate, assignment]) => refusedBy(candidate, assignment)),
  };
}

function refusedBy({ assets }: Candidate, assignment: Assignment): LeftOut[] {
  if (!('why' in assignment)) return [];
  return assets.map(({ id }) => ({ assetId: id, code: assignment.why, reason: sayLeftOut(assignment.why) }));
}

function hoursOf(assets: AssetInput[]): Map<string, TimeWindow[]> {
  return new Map(assets.flatMap(({ id, timeWindows }) => (timeWindows?.length ? [[id, timeWindows]] : [])));
}

/** Assets that a crew has just seen are left alone, and say so. */
function restingOf({ assets }: Fleet, { rests, rounds, clock }: DraftDeps): LeftOut[] {
  const resting = new Set(rests.resting(clock.nowMs()));
  const taken = waitingAssets(rounds.open());
  return assets
    .filter(({ id, kind }) => resting.has(id) && !taken.has(id) && DEFAULT_VOLUME_L[kind] > 0)
    .map(({ id }) => ({ assetId: id, code: 'resting', reason: sayLeftOut('resting') }));
}

function leftOutOf(built: BuiltProblem, { solution, reasons }: Solved, isSpent: boolean): Unserved[] {
  const names = built.duties.map(({ vehicle }) => vehicle.name);
  const byStop = new Map(reasons.map((reason) => [reason.stop, reason]));
  return solution.unserved.flatMap((index): Unserved[] => {
    const meaning = built.stops[index]!;
    if (meaning.kind === 'committed') return [];
    const why = explainLeftOut(byStop.get(index), names, isSpent);
    return [
      { candidate: meaning.candidate, leftOut: meaning.candidate.assets.map(({ id }) => ({ assetId: id, ...why })) },
    ];
  });
}
