import type { LeftOut, PlanRecord, PlanRecordDetail, PlanReplay } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { Solution } from '@ronde/solver';
import type { Draft } from './draft-plan.ts';
import { pack, toPlain, unpack } from './plan-file.ts';
import type { Solver } from './solver.ts';

/** Keeps what plans rest on, so that each can be read back and solved again; the oldest make room. */
export interface PlanRecords {
  load(): Promise<void>;
  /** Keeps a plan's record; a fault is logged and never fails the plan. */
  keep(planId: string, draft: Draft, leftOut: LeftOut[]): Promise<void>;
  detail(planId: string): Promise<PlanRecordDetail | undefined>;
  /** Solves a kept problem again, the same way, and compares. */
  replay(planId: string): Promise<PlanReplay | undefined>;
}

export interface PlanRecordsDeps {
  registry: Registry;
  tenant: string;
  clock: Clock;
  log: Logger;
  solver: Pick<Solver, 'solve'>;
  /** How many are kept. */
  most: number;
  /** Of the program: another one may search another way. */
  version: string;
}

const DIFFERENCES_SHOWN = 50;

/** Gives the keeper of plan records. */
export function createPlanRecords(deps: PlanRecordsDeps): PlanRecords {
  const { registry, tenant, clock, log, solver, most } = deps;
  const ids: string[] = [];
  const find = async (planId: string) => {
    const [record, file] = await Promise.all([
      registry.planRecords.get(tenant, planId),
      registry.planFiles.get(tenant, planId),
    ]);
    return record && file && { record, file: await unpack(file.packed) };
  };
  const prune = async (): Promise<void> => {
    while (ids.length > most) {
      const id = ids.shift()!;
      await registry.planFiles.delete(tenant, id);
      await registry.planRecords.delete(tenant, id);
    }
  };
  const store = async (planId: string, draft: Draft, leftOut: LeftOut[]): Promise<void> => {
    const { built, job, solved } = draft;
    const { problem, initial, keep, seed } = job;
    const meanings = {
      stops: built.stops.map((meaning) =>
        meaning.kind === 'candidate' ? meaning.candidate.assets.map(({ id }) => id) : meaning.stop.assetIds,
      ),
      vehicles: built.duties.map(({ vehicle }) => vehicle.id),
      sites: built.sites.map(({ id }) => id),
    };
    const packed = await pack({ problem, initial, keep, solution: solved.solution, meanings, leftOut });
    await registry.planFiles.put(tenant, { id: planId, packed });
    await registry.planRecords.put(tenant, {
      id: planId,
      at: clock.iso(),
      mode: keep ? 'replan' : 'full',
      seed,
      iterations: solved.iterations,
      cooling: solved.cooling,
      changeLimit: keep?.changes ?? null,
      changed: solved.changed,
      forced: solved.forced,
      cost: solved.solution.cost,
      stops: problem.stops.length,
      vehicles: problem.vehicles.length,
      version: deps.version,
    } satisfies PlanRecord);
    ids.push(planId);
    await prune();
  };
  return {
    async load() {
      const known = await registry.planRecords.all(tenant);
      ids.push(...known.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ id }) => id));
    },
    async keep(planId, draft, leftOut) {
      if (most === 0) return;
      await store(planId, draft, leftOut).catch((error: unknown) =>
        log.error({ err: error, plan_id: planId }, 'routing.plan_record.unsaved'),
      );
    },
    async detail(planId) {
      const found = await find(planId);
      if (!found) return undefined;
      const { problem, initial, keep, solution, meanings, leftOut } = found.file;
      return {
        record: found.record,
        problem: toPlain(problem),
        initial: initial ?? null,
        keep: keep ?? null,
        solution,
        meanings,
        leftOut,
      };
    },
    async replay(planId) {
      const found = await find(planId);
      if (!found) return undefined;
      const { problem, initial, keep, solution } = found.file;
      const { seed, cooling } = found.record;
      const again = await solver.solve({ problem, initial, keep, seed, budget: { cooling } });
      const differences = differencesOf(solution, again.solution);
      return {
        planId,
        same: differences.length === 0 && again.iterations === found.record.iterations,
        cost: solution.cost,
        replayedCost: again.solution.cost,
        iterations: again.iterations,
        differences: differences.slice(0, DIFFERENCES_SHOWN),
      };
    },
  };
}

/** What differs between two plans, vehicle by vehicle, in words. */
function differencesOf(a: Solution, b: Solution): string[] {
  const orderOf = (solution: Solution, vehicle: number): string =>
    (solution.routes.find((route) => route.vehicle === vehicle)?.visits ?? [])
      .map(({ kind, index }) => (kind === 'stop' ? `${index}` : `D${index}`))
      .join(' ');
  const vehicles = [...new Set([...a.routes, ...b.routes].map(({ vehicle }) => vehicle))];
  return vehicles.flatMap((vehicle) => {
    const [kept, made] = [orderOf(a, vehicle), orderOf(b, vehicle)];
    return kept === made ? [] : [`vehicle ${vehicle}: kept ${kept || 'nothing'}; made ${made || 'nothing'}`];
  });
}
