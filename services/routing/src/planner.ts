import { type LeftOut, type Plan, type Vehicle } from '@ronde/contracts';
import { newId, type Clock, type Logger } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import { solveInThread, type Reason, type Solution } from '@ronde/solver';
import type { Travel } from '@ronde/travel';
import { buildProblem, fits, type BuiltProblem, type Duty } from './build-problem.ts';
import { chooseCandidates, type Candidate } from './candidates.ts';
import { isEnded, splitRound } from './committed.ts';
import type { RoutingConfig } from './config.ts';
import { readFleet, type Fleet } from './fleet.ts';
import type { Forecaster } from './forecaster.ts';
import { makeRound } from './make-round.ts';
import { diffRounds } from './round-diff.ts';
import type { RoundStore } from './round-store.ts';
import { createSerial } from './serial.ts';
import { nextOpportunityMs, shiftsOf } from './shifts.ts';
import { sayLeftOut } from './words.ts';

export interface PlanRequest {
  cause: Plan['cause'];
  fromMs: number;
  toMs: number;
  vehicleIds?: string[] | undefined;
}

/** Makes plans, one at a time, in the order asked for. */
export interface Planner {
  /** Queues a plan; resolves with its first state when it is stored. `done` resolves when its rounds are out. */
  request(request: PlanRequest): Promise<{ plan: Plan; done: Promise<Plan> }>;
  /** Stops a solver at work and waits for the queue. */
  stop(): Promise<void>;
}

export interface PlannerDeps {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  log: Logger;
  travel: Travel;
  forecaster: Forecaster;
  rounds: RoundStore;
  config: RoutingConfig;
}

const LEFT_OUT_PER_ROUND = 60;
// A seed per plan would make a plan depend on its id; with one seed the same state gives the same plan
const SEED = 1;

/** Gives a planner with an empty queue. */
export function createPlanner(deps: PlannerDeps): Planner {
  const { registry, bus, clock, log, config } = deps;
  const tenant = config.TENANT;
  const queue = createSerial();
  const abort = new AbortController();

  const publish = async (plan: Plan): Promise<Plan> => {
    await registry.plans.put(tenant, plan);
    await bus.publish('plan.changed', { tenant, plan });
    return plan;
  };

  const run = async (queued: Plan, request: PlanRequest): Promise<Plan> => {
    const plan = await publish({ ...queued, status: 'solving' });
    const startedMs = performance.now();
    try {
      const outcome = await makePlan(plan, request, { ...deps, signal: abort.signal });
      const solveS = Math.round(performance.now() - startedMs) / 1000;
      log.info({ plan_id: plan.id, cause: plan.cause, rounds: outcome.roundIds.length, served: outcome.served, solve_s: solveS }, 'routing.plan.done');
      return await publish({ ...plan, ...outcome, status: 'done', finishedAt: clock.iso(), solveS });
    } catch (error) {
      log.error({ err: error, plan_id: plan.id }, 'routing.plan.fail');
      const fault = error instanceof Error ? error.message : String(error);
      return publish({ ...plan, status: 'failed', finishedAt: clock.iso(), fault });
    }
  };

  return {
    async request(request) {
      const plan = await publish({
        id: newId('plan', clock.nowMs()), status: 'queued', cause: request.cause, from: iso(request.fromMs), to: iso(request.toMs),
        vehicleIds: request.vehicleIds ?? [], createdAt: clock.iso(), finishedAt: null, roundIds: [], candidates: 0, served: 0,
        leftOut: [], cost: null, solveS: null, fault: null,
      });
      return { plan, done: queue.run(() => run(plan, request)) };
    },
    async stop() {
      abort.abort();
      await queue.idle();
    },
  };
}

type Outcome = Pick<Plan, 'roundIds' | 'candidates' | 'served' | 'leftOut' | 'cost' | 'vehicleIds'>;

async function makePlan(plan: Plan, request: PlanRequest, deps: PlannerDeps & { signal: AbortSignal }): Promise<Outcome> {
  const { registry, forecaster, rounds, config, clock, travel } = deps;
  const fleet = await readFleet(registry, config.TENANT);
  const startMs = Math.max(clock.nowMs(), request.fromMs);
  const duties = dutiesOf(fleet, { ...request, fromMs: startMs }, rounds);
  const vehicleIds = duties.map(({ vehicle }) => vehicle.id);
  if (duties.length === 0) {
    throw new Error('no vehicle has a shift in this time; give a vehicle with a depot and a shift inside from…to');
  }
  const { exclude, keep } = takenAssets(duties, rounds);
  const byMs = nextOpportunityMs(fleet.vehicles, fleet.calendar, Math.max(...duties.map(({ span }) => span.endMs)));
  const chosen = chooseCandidates(fleet.assets, forecaster, { byMs, exclude, keep });
  const { able, unfit } = splitByFit(chosen.candidates, duties);
  const built = await buildProblem({ duties, sites: fleet.sites, candidates: able, keep, timeZone: fleet.calendar.timeZone, startMs, config }, travel);
  const { solution, reasons } = await solveInThread(built.problem, { seconds: config.SOLVE_S, seed: SEED, signal: deps.signal, explain: true });
  const unserved = leftOutOf(built, solution, reasons);
  const roundIds = await publishRounds(plan, { built, solution, unserved }, deps);
  return {
    roundIds,
    vehicleIds,
    candidates: chosen.candidates.length,
    served: able.length - unserved.length,
    leftOut: [...unserved.flatMap(({ leftOut }) => leftOut), ...unfit, ...chosen.leftOut],
    cost: solution.cost / 100,
  };
}

/** The vehicles that work in the time asked for: each with its shift, cut to that time, and its round if it has one. */
function dutiesOf(fleet: Fleet, request: PlanRequest, rounds: RoundStore): Duty[] {
  return fleet.vehicles.flatMap((vehicle): Duty[] => {
    const depot = fleet.depots.get(vehicle.depotId);
    if (!depot || (request.vehicleIds && !request.vehicleIds.includes(vehicle.id))) return [];
    const [shift] = shiftsOf(vehicle, fleet.calendar, { startMs: request.fromMs, endMs: request.toMs });
    if (!shift) return [];
    const span = { startMs: Math.max(shift.startMs, request.fromMs), endMs: Math.min(shift.endMs, request.toMs) };
    return [{ vehicle, depot, span, round: rounds.openOf(vehicle.id) }];
  });
}

/** Assets that are spoken for (in other rounds, committed, or just seen by a crew), and those to keep if possible. */
function takenAssets(duties: Duty[], rounds: RoundStore): { exclude: Set<string>; keep: Set<string> } {
  const exclude = new Set<string>();
  const keep = new Set<string>();
  const planned = new Set(duties.map(({ round }) => round?.id));
  for (const round of rounds.open()) {
    const { committed, open } = splitRound(round);
    const fixed = planned.has(round.id) ? committed : [...committed, ...open];
    const ended = round.stops.filter(isEnded);
    for (const id of [...fixed, ...ended].flatMap(({ assetIds }) => assetIds)) exclude.add(id);
    if (planned.has(round.id)) for (const id of open.flatMap(({ assetIds }) => assetIds)) keep.add(id);
  }
  return { exclude, keep };
}

function splitByFit(candidates: Candidate[], duties: Duty[]): { able: Candidate[]; unfit: LeftOut[] } {
  const vehicles: Vehicle[] = duties.map(({ vehicle }) => vehicle);
  const able = candidates.filter((candidate) => vehicles.some((vehicle) => fits(vehicle, candidate)));
  const unfit = candidates
    .filter((candidate) => !able.includes(candidate))
    .flatMap(({ assets }) => assets.map(({ id }): LeftOut => ({ assetId: id, code: 'no-vehicle-fits', reason: sayLeftOut('no-vehicle-fits') })));
  return { able, unfit };
}

interface Unserved {
  candidate: Candidate;
  leftOut: LeftOut[];
}

function leftOutOf(built: BuiltProblem, solution: Solution, reasons: readonly Reason[]): Unserved[] {
  return solution.unserved.flatMap((index): Unserved[] => {
    const meaning = built.stops[index]!;
    if (meaning.kind === 'committed') return [];
    const found = reasons.find(({ stop }) => stop === index);
    const code = LEFT_OUT_CODES[found?.code ?? 'NOT_CHOSEN'];
    const reason = sayLeftOut(code, found && detailOf(found));
    return [{ candidate: meaning.candidate, leftOut: meaning.candidate.assets.map(({ id }) => ({ assetId: id, code, reason })) }];
  });
}

/** What would serve the stop, or what serving it would cost against what leaving it risks. */
function detailOf({ relaxation, addedCost, addedDistanceM, prize }: Reason): string | undefined {
  if (relaxation) return relaxation.text;
  if (addedCost === undefined || prize === undefined) return undefined;
  const euros = (cents: number): string => `€ ${(cents / 100).toFixed(2)}`;
  return `serving it adds ${euros(addedCost)} and ${((addedDistanceM ?? 0) / 1000).toFixed(1)} km, leaving it risks ${euros(prize)}`;
}

/** The solver's words in the crew's. */
const LEFT_OUT_CODES: Record<Reason['code'], NonNullable<LeftOut['code']>> = {
  WORTH_ITS_PRIZE: 'too-far-for-its-risk',
  NOT_WORTH_ITS_PRIZE: 'too-far-for-its-risk',
  NOT_CHOSEN: 'too-far-for-its-risk',
  UNREACHABLE: 'unreachable',
  NO_VEHICLES: 'no-vehicle-fits',
  VEHICLE_NOT_ALLOWED: 'no-vehicle-fits',
  NO_SITE_FOR_FRACTION: 'no-vehicle-fits',
  OVER_CAPACITY: 'no-capacity',
  WINDOW_MISSED: 'closed',
  SHIFT_EXCEEDED: 'no-time',
  DURATION_EXCEEDED: 'no-time',
};

async function publishRounds(
  plan: Plan,
  result: { built: BuiltProblem; solution: Solution; unserved: Unserved[] },
  { rounds, forecaster, clock }: PlannerDeps,
): Promise<string[]> {
  const { built, solution, unserved } = result;
  return rounds.alone(async () => {
    const ids: string[] = [];
    for (const [index, planned] of built.duties.entries()) {
      // while the solver worked, crews did too: what they executed since comes from the round as it is now
      const duty = { ...planned, round: planned.round ? await rounds.get(planned.round.id) : rounds.openOf(planned.vehicle.id) };
      const leftOut = unserved.filter(({ candidate }) => fits(duty.vehicle, candidate)).flatMap((entry) => entry.leftOut);
      const round = makeRound(built, duty, {
        route: solution.routes.find(({ vehicle }) => vehicle === index),
        planId: plan.id, leftOut: leftOut.slice(0, LEFT_OUT_PER_ROUND), fullAt: forecaster.fullAtMs, nowMs: clock.nowMs(),
      });
      if (!round || duty.round?.status === 'done') continue;
      const changes = diffRounds(duty.round, round);
      if (duty.round && changes.length === 0) continue;
      await rounds.save(round, changes);
      ids.push(round.id);
    }
    return ids;
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
