import { expect, onTestFinished } from 'vitest';
import type { AssetInput, DisposalSite, Round, Stop, Vehicle } from '@ronde/contracts';
import { createFakeClock, silentLog, type FakeClock } from '@ronde/kit';
import { openBus } from '@ronde/bus';
import { openRegistry } from '@ronde/registry';
import { check, type Problem, type Solution } from '@ronde/solver';
import { openTravel } from '@ronde/travel';
import { RoutingConfig } from './config.ts';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import type { Outlook } from './forecaster.ts';
import { fromPlain, type PlainProblem } from './plan-file.ts';
import { createPlanner, type PlannerDeps } from './planner.ts';
import { createLearnings } from './learnings.ts';
import { createPlanRecords } from './plan-records.ts';
import { createRests } from './rests.ts';
import { createRoundStore } from './round-store.ts';
import { createSolver, type Solver } from './solver.ts';
import { createVetoes } from './vetoes.ts';

const TENANT = 'default';

/** Site of the fixtures, for residual waste. */
export const TIP: DisposalSite = {
  id: 'tip',
  name: 'Tip',
  position: { lat: 52.1, lon: 5.15 },
  fractions: ['residual'],
  tippingTimeS: 600,
};

/** What a forecaster would say of a bin at this fill. */
export function outlookOf(assetId: string, fill: number): Outlook {
  const risk = Math.max(0, Math.min(1, (fill - 0.4) * 2));
  return {
    assetId,
    chamber: '1',
    fill,
    measuredAtMs: START_MS,
    risk,
    riskEmptied: 0,
    chambers: [{ chamber: '1', fill }],
  };
}

interface Options {
  vehicles?: Vehicle[];
  assets?: AssetInput[];
  sites?: DisposalSite[];
  clock?: FakeClock;
  /** Stands between the planner and the real solver. */
  solve?: (job: Parameters<Solver['solve']>[0], real: Solver) => ReturnType<Solver['solve']>;
  config?: Record<string, unknown>;
}

/** Brings up a planner on real stores, with fills given instead of forecast. */
export async function openPlannerFixture(fills: number[], options: Options = {}) {
  const log = silentLog();
  const clock = options.clock ?? createFakeClock(START_MS);
  const registry = await openRegistry('sqlite::memory:', { dataDir: '.', log });
  const bus = await openBus('memory:', log);
  const travel = await openTravel('straight-line:');
  await registry.depots.put(TENANT, { id: 'yard', name: 'Yard', position: { lat: 52.07, lon: 5.09 } });
  await registry.disposalSites.putAll(TENANT, options.sites ?? [TIP]);
  await registry.vehicles.putAll(TENANT, options.vehicles ?? [VEHICLE]);
  await registry.assets.putAll(TENANT, options.assets ?? fills.map((_, index) => asset(index)));
  const level = new Map(fills.map((fill, index) => [`bin-${index}`, fill]));
  const rounds = createRoundStore({ registry, bus, clock, tenant: TENANT });
  const rests = createRests();
  const config = RoutingConfig.parse({ SOLVE_S: 0.25, ...options.config });
  const vetoes = createVetoes();
  const learnings = createLearnings({ registry, tenant: TENANT });
  const real = createSolver();
  const solve = options.solve;
  const solver: Solver = solve ? { ...real, solve: (job) => solve(job, real) } : real;
  const records = createPlanRecords({ registry, tenant: TENANT, clock, log, solver: real, most: 10, version: 'test' });
  const forecaster: PlannerDeps['forecaster'] = {
    outlook: (id) => (level.has(id) ? outlookOf(id, level.get(id)!) : undefined),
    fullAtMs: () => null,
  };
  const deps = {
    registry,
    bus,
    clock,
    log,
    travel,
    forecaster,
    rests,
    vetoes,
    learnings,
    rounds,
    config,
    solver,
    records,
  };
  const planner = createPlanner(deps);
  onTestFinished(async () => {
    await planner.stop();
    await real.close();
    for (const store of [bus, travel, registry]) await store.close();
  });
  const plan = async (hours = 8) => {
    const nowMs = clock.nowMs();
    const { done } = await planner.request({ cause: 'request', fromMs: nowMs, toMs: nowMs + hours * 3_600_000 });
    return done;
  };
  return {
    registry,
    bus,
    clock,
    rounds,
    rests,
    vetoes,
    learnings,
    records,
    planner,
    plan,
    level,
    travel,
    config,
    solver,
    forecaster,
    tenant: TENANT,
  };
}

/** Makes a plan that keeps every rule of its problem. */
export async function planned({ plan, records, rounds }: PlannerFixture, hours?: number): Promise<Planned> {
  const made = await plan(hours);
  expect(made.fault).toBeNull();
  const detail = (await records.detail(made.id))!;
  const problem = fromPlain(detail.problem as PlainProblem);
  const solution = detail.solution as Solution;
  expect(check(problem, solution).violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED')).toEqual([]);
  return { problem, solution, round: rounds.open()[0]!, rounds: rounds.open() };
}

type PlannerFixture = Awaited<ReturnType<typeof openPlannerFixture>>;

interface Planned {
  problem: Problem;
  solution: Solution;
  /** The first of the rounds. */
  round: Round;
  rounds: Round[];
}

/** Marks stops of a round as a crew would. */
export function progress(round: Round, done: Record<string, Stop['status']>, more: Partial<Stop> = {}): Round {
  const stops = round.stops.map((stop) => (done[stop.id] ? { ...stop, ...more, status: done[stop.id]! } : stop));
  return { ...round, status: 'active', stops };
}
