import { RondeError, isRondeError, type Plan } from '@ronde/contracts';
import { newId } from '@ronde/kit';
import { draftPlan, type Draft, type DraftDeps, type PlanRequest } from './draft-plan.ts';
import { fallenRounds } from './duties.ts';
import { readRoster } from './fleet.ts';
import type { PlanRecords } from './plan-records.ts';
import { endFallen, publishDraft } from './publish-draft.ts';
import { createSerial } from './serial.ts';

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

export interface PlannerDeps extends DraftDeps {
  /** Where what each plan rests on is kept. */
  records: Pick<PlanRecords, 'keep'>;
}

const LEFT_OUT_PER_PLAN = 400;
const MOST_WAITING = 20;
/** Crews that do what no plan reckoned with cost another, quicker search. */
const ATTEMPTS = 3;
const LAST_SOLVE_S = 2;

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
  const noteUnsaved =
    ({ id }: Plan) =>
    (error: unknown): void =>
      log.error({ err: error, plan_id: id }, 'routing.plan.unsaved');
  /** Nobody is left to take over from vehicles that fell out: their crews still hear that the round is over. */
  const endAlone = async (plan: Plan): Promise<void> => {
    const roster = await readRoster(registry, tenant);
    await deps.rounds.alone(() => endFallen(fallenRounds(roster, deps.rounds), plan.id, deps.rounds));
  };
  const run = async (queued: Plan, request: PlanRequest): Promise<Plan> => {
    try {
      return await work(queued, request);
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      const failed: Plan = { ...queued, status: 'failed', finishedAt: clock.iso(), fault, ...faultCodeOf(error) };
      if (isRondeError(error, 'PLAN_IMPOSSIBLE')) await endAlone(queued).catch(noteUnsaved(queued));
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

type Outcome = Pick<Plan, 'roundIds' | 'candidates' | 'served' | 'leftOut' | 'cost' | 'vehicleIds' | 'changes'>;
type RunDeps = PlannerDeps & { signal: AbortSignal };

/**
 * Searches until crews did meanwhile only what the plan reckoned with, then publishes; nothing is out when it throws. The
 * last search holds crew events back: they are acknowledged a moment later.
 */
async function makePlan(plan: Plan, request: PlanRequest, deps: RunDeps): Promise<Outcome> {
  const { rounds } = deps;
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const draft = await draftPlan(request, { ...deps, attempt, mostSolveS: Infinity });
    const roundIds = await rounds.alone(() => publishDraft(plan, draft, deps));
    if (roundIds) return outcomeOf(plan, draft, roundIds, deps);
    deps.log.debug({ plan_id: plan.id, attempt }, 'routing.plan.overtaken');
  }
  return rounds.alone(async () => {
    const draft = await draftPlan(request, { ...deps, attempt: ATTEMPTS, mostSolveS: LAST_SOLVE_S });
    const roundIds = await publishDraft(plan, draft, deps);
    if (!roundIds) throw new Error('rounds changed although they were held');
    return outcomeOf(plan, draft, roundIds, deps);
  });
}

async function outcomeOf(plan: Plan, draft: Draft, roundIds: string[], { records }: PlannerDeps): Promise<Outcome> {
  const { built, solved, unserved, aside, job } = draft;
  const able = built.stops.filter(({ kind }) => kind === 'candidate').length;
  // those weighed come first; the many that can wait are cut here, and whole in the record
  const leftOut = [...unserved.flatMap((entry) => entry.leftOut), ...aside];
  await records.keep(plan.id, draft, leftOut);
  return {
    roundIds,
    vehicleIds: [...new Set(built.duties.map(({ vehicle }) => vehicle.id))],
    candidates: draft.candidates,
    served: able - unserved.length,
    leftOut: leftOut.slice(0, LEFT_OUT_PER_PLAN),
    cost: solved.solution.cost / 100,
    changes: job.keep ? { changed: solved.changed, limit: job.keep.changes } : null,
  };
}

function faultCodeOf(error: unknown): Pick<Plan, 'faultCode'> {
  return error instanceof RondeError ? { faultCode: error.code } : {};
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
