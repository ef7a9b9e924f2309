import {
  RondeError,
  isRondeError,
  type AssetInput,
  type LeftOut,
  type Plan,
  type Round,
  type TimeWindow,
} from '@ronde/contracts';
import { newId, type Clock, type Logger } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import { solveInThread, type ThreadResult } from '@ronde/solver';
import type { Travel } from '@ronde/travel';
import { buildProblem, type BuiltProblem, type Duty } from './build-problem.ts';
import { chooseCandidates, fits, type Candidate } from './candidates.ts';
import { COMMITTED_STOPS } from './committed.ts';
import type { RoutingConfig } from './config.ts';
import { dutiesOf, endsOf, stillHolds, takenAssets } from './duties.ts';
import { readFleet } from './fleet.ts';
import type { Forecaster } from './forecaster.ts';
import { asInitial } from './initial.ts';
import { makeRound } from './make-round.ts';
import { createOpportunity } from './opportunity.ts';
import type { Rests } from './rests.ts';
import { diffRounds } from './round-diff.ts';
import type { RoundStore, RoundUpdate } from './round-store.ts';
import { createSerial } from './serial.ts';
import { explainLeftOut, sayLeftOut } from './words.ts';

export interface PlanRequest {
  cause: Plan['cause'];
  fromMs: number;
  toMs: number;
  vehicleIds?: string[] | undefined;
}

/** Makes plans, one at a time, in the order asked for. */
export interface Planner {
  /**
   * Queues a plan; resolves with its first state when it is stored. `done` resolves when its rounds are out, or when it
   * has failed: it never rejects.
   * @throws RondeError RATE_EXCEEDED when too many plans wait
   */
  request(request: PlanRequest): Promise<{ plan: Plan; done: Promise<Plan> }>;
  /** Stops a solver at work, fails what waits, and resolves when the queue is empty. */
  stop(): Promise<void>;
}

export interface PlannerDeps {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  log: Logger;
  travel: Travel;
  forecaster: Pick<Forecaster, 'outlook' | 'fullAtMs'>;
  rests: Pick<Rests, 'resting'>;
  rounds: RoundStore;
  config: RoutingConfig;
  /** The solver in its thread; tests put a failing one here. */
  solve?: typeof solveInThread;
}

const LEFT_OUT_PER_ROUND = 60;
const LEFT_OUT_PER_PLAN = 400;
const MOST_WAITING = 20;
// A seed per plan would make a plan depend on its id; with one seed the same state gives the same plan
const SEED = 1;
/** Crews that do what no plan reckoned with cost another, quicker search. */
const ATTEMPTS = 3;
const LAST_SOLVE_S = 2;
/** Platform time of a quick stop: what a crew may get done while the solver works. */
const QUICK_STOP_S = 90;

/** Gives a planner with an empty queue. */
export function createPlanner(deps: PlannerDeps): Planner {
  const { registry, bus, clock, log, config } = deps;
  const tenant = config.TENANT;
  const queue = createSerial();
  const abort = new AbortController();
  let waiting = 0;

  const publish = async (plan: Plan): Promise<Plan> => {
    await registry.plans.put(tenant, plan);
    await bus.publish('plan.changed', { tenant, plan });
    return plan;
  };
  const work = async (queued: Plan, request: PlanRequest): Promise<Plan> => {
    if (abort.signal.aborted) throw new Error('the service was stopped');
    const plan = await publish({ ...queued, status: 'solving' });
    const startedMs = performance.now();
    const outcome = await makePlan(plan, request, { ...deps, signal: abort.signal });
    const solveS = Math.round(performance.now() - startedMs) / 1000;
    log.info(
      { plan_id: plan.id, cause: plan.cause, rounds: outcome.roundIds.length, served: outcome.served, solve_s: solveS },
      'routing.plan.done',
    );
    return publish({ ...plan, ...outcome, status: 'done', finishedAt: clock.iso(), solveS });
  };
  const run = async (queued: Plan, request: PlanRequest): Promise<Plan> => {
    try {
      return await work(queued, request);
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      const failed: Plan = { ...queued, status: 'failed', finishedAt: clock.iso(), fault };
      if (isRondeError(error, 'PLAN_IMPOSSIBLE')) log.info({ plan_id: queued.id, fault }, 'routing.plan.refuse');
      else if (!abort.signal.aborted) log.error({ err: error, plan_id: queued.id }, 'routing.plan.fail');
      return publish(failed).catch((cause: unknown) => {
        log.error({ err: cause, plan_id: queued.id }, 'routing.plan.unsaved');
        return failed;
      });
    }
  };

  return {
    async request(request) {
      if (waiting >= MOST_WAITING) throw new RondeError('RATE_EXCEEDED', `${waiting} plans wait already`);
      waiting++;
      try {
        const plan = await publish({
          id: newId('plan', clock.nowMs()),
          status: 'queued',
          cause: request.cause,
          from: iso(request.fromMs),
          to: iso(request.toMs),
          vehicleIds: request.vehicleIds ?? [],
          createdAt: clock.iso(),
          finishedAt: null,
          roundIds: [],
          candidates: 0,
          served: 0,
          leftOut: [],
          cost: null,
          solveS: null,
          fault: null,
        });
        const done = queue.run(() => run(plan, request)).finally(() => waiting--);
        return { plan, done };
      } catch (error) {
        waiting--;
        throw error;
      }
    },
    async stop() {
      abort.abort();
      await queue.idle();
    },
  };
}

type Outcome = Pick<Plan, 'roundIds' | 'candidates' | 'served' | 'leftOut' | 'cost' | 'vehicleIds'>;
type RunDeps = PlannerDeps & { signal: AbortSignal };

/**
 * Searches until crews did meanwhile only what the plan reckoned with, then publishes; nothing is out when it throws. The
 * last search holds crew events back: they are acknowledged a moment later.
 */
async function makePlan(plan: Plan, request: PlanRequest, deps: RunDeps): Promise<Outcome> {
  const { rounds } = deps;
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const draft = await draftPlan(request, { ...deps, seconds: deps.config.SOLVE_S / attempt });
    const roundIds = await rounds.alone(() => publishRounds(plan, draft, deps));
    if (roundIds) return outcomeOf(draft, roundIds);
    deps.log.debug({ plan_id: plan.id, attempt }, 'routing.plan.overtaken');
  }
  return rounds.alone(async () => {
    const draft = await draftPlan(request, {
      ...deps,
      seconds: Math.min(LAST_SOLVE_S, deps.config.SOLVE_S / ATTEMPTS),
    });
    const roundIds = await publishRounds(plan, draft, deps);
    if (!roundIds) throw new Error('rounds changed although they were held');
    return outcomeOf(draft, roundIds);
  });
}

interface Draft {
  built: BuiltProblem;
  solved: ThreadResult;
  unserved: Unserved[];
  /** Left out before the solver saw them. */
  aside: LeftOut[];
  candidates: number;
}

async function draftPlan(request: PlanRequest, deps: RunDeps & { seconds: number }): Promise<Draft> {
  const { registry, forecaster, rounds, rests, config, clock, travel } = deps;
  const fleet = await readFleet(registry, config.TENANT);
  const startMs = Math.max(clock.nowMs(), request.fromMs);
  const commit = COMMITTED_STOPS + Math.ceil((deps.seconds * clock.speed) / QUICK_STOP_S);
  const duties = dutiesOf(fleet, { ...request, fromMs: startMs, commit }, rounds);
  if (duties.length === 0)
    throw new RondeError(
      'PLAN_IMPOSSIBLE',
      'no vehicle has a shift in this time; give a vehicle with a depot and a shift inside from…to',
    );
  const { exclude, keep } = takenAssets(duties, rounds);
  for (const id of rests.resting(clock.nowMs())) exclude.add(id);
  const byMs = createOpportunity(fleet, endsOf(duties), clock.nowMs());
  const chosen = await chooseCandidates(fleet.assets, forecaster, { byMs, exclude, keep });
  const { able, unfit } = splitByFit(chosen.candidates, duties);
  const built = await buildProblem(
    {
      duties,
      sites: fleet.sites,
      candidates: able,
      keep,
      hours: hoursOf(fleet.assets),
      timeZone: fleet.calendar.timeZone,
      startMs,
      config,
    },
    travel,
  );
  const solve = deps.solve ?? solveInThread;
  const solved = await solve(built.problem, {
    seconds: deps.seconds,
    seed: SEED,
    signal: deps.signal,
    explain: true,
    ...(duties.some(({ round }) => round?.status === 'active') && { initial: asInitial(built) }),
  });
  if (deps.signal.aborted) throw new Error('the service was stopped');
  return {
    built,
    solved,
    unserved: leftOutOf(built, solved),
    aside: [...unfit, ...chosen.leftOut],
    candidates: chosen.candidates.length,
  };
}

function outcomeOf({ built, solved, unserved, aside, candidates }: Draft, roundIds: string[]): Outcome {
  const able = built.stops.filter(({ kind }) => kind === 'candidate').length;
  return {
    roundIds,
    vehicleIds: [...new Set(built.duties.map(({ vehicle }) => vehicle.id))],
    candidates,
    served: able - unserved.length,
    // those weighed come first; the many that can wait are cut
    leftOut: [...unserved.flatMap(({ leftOut }) => leftOut), ...aside].slice(0, LEFT_OUT_PER_PLAN),
    cost: solved.solution.cost / 100,
  };
}

function hoursOf(assets: AssetInput[]): Map<string, TimeWindow[]> {
  return new Map(assets.flatMap(({ id, timeWindows }) => (timeWindows?.length ? [[id, timeWindows]] : [])));
}

function splitByFit(candidates: Candidate[], duties: Duty[]): { able: Candidate[]; unfit: LeftOut[] } {
  const able: Candidate[] = [];
  const unfit: LeftOut[] = [];
  for (const candidate of candidates) {
    if (duties.some(({ vehicle }) => fits(vehicle, candidate))) able.push(candidate);
    else
      for (const { id } of candidate.assets)
        unfit.push({ assetId: id, code: 'no-vehicle-fits', reason: sayLeftOut('no-vehicle-fits') });
  }
  return { able, unfit };
}

interface Unserved {
  candidate: Candidate;
  leftOut: LeftOut[];
}

function leftOutOf(built: BuiltProblem, { solution, reasons }: ThreadResult): Unserved[] {
  const names = built.duties.map(({ vehicle }) => vehicle.name);
  const byStop = new Map(reasons.map((reason) => [reason.stop, reason]));
  return solution.unserved.flatMap((index): Unserved[] => {
    const meaning = built.stops[index]!;
    if (meaning.kind === 'committed') return [];
    const why = explainLeftOut(byStop.get(index), names);
    return [
      { candidate: meaning.candidate, leftOut: meaning.candidate.assets.map(({ id }) => ({ assetId: id, ...why })) },
    ];
  });
}

/** Publishes all rounds of a draft, or none (undefined) when crews have overtaken it; to be run alone. */
async function publishRounds(
  plan: Plan,
  { built, solved, unserved }: Draft,
  deps: RunDeps,
): Promise<string[] | undefined> {
  const { rounds, forecaster, clock } = deps;
  const current = new Map(rounds.open().map((round) => [round.id, round]));
  const roundNow = ({ vehicle, shift, round }: Duty): Round | undefined =>
    round ? current.get(round.id) : rounds.openIn(vehicle.id, shift);
  if (!built.duties.every((duty) => stillHolds(duty, roundNow(duty)))) return undefined;
  const updates = built.duties.flatMap((duty, index): RoundUpdate[] => {
    const before = roundNow(duty);
    const leftOut = unserved.filter(({ candidate }) => fits(duty.vehicle, candidate)).flatMap((entry) => entry.leftOut);
    const round = makeRound(built, index, before, {
      route: solved.solution.routes.find(({ vehicle }) => vehicle === index),
      planId: plan.id,
      leftOut: leftOut.slice(0, LEFT_OUT_PER_ROUND),
      fullAt: forecaster.fullAtMs,
      nowMs: clock.nowMs(),
    });
    if (!round) return [];
    const changes = diffRounds(before, round);
    return before && changes.length === 0 && round.status === before.status ? [] : [{ round, changes }];
  });
  await rounds.save(updates);
  return updates.map(({ round }) => round.id);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
