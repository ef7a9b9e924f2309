import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { check, solve } from '../../packages/solver/src/index.ts';
import type { Instance, Problem, Solution, StopRule } from '../../packages/solver/src/index.ts';
import { bindingTown, fullTown, madeTown, sharedInstance } from './_made-instances.ts';

/** When the plan in hand is looked at. */
const SOON_MS = 300;

/** What a search had when, in processor time of its thread, which starts cold. */
interface Seen {
  readonly firstMs: number;
  readonly first: Solution;
  /** the best plan at SOON_MS; absent when there was none */
  readonly soon?: Solution;
  readonly last: Solution;
}

/** One instance: how soon a feasible plan is there, and how far it is from that of the whole budget. */
export interface FirstPlanRow {
  readonly instance: string;
  readonly stops: number;
  readonly firstMs: number;
  readonly feasible: boolean;
  readonly firstGapPercent: number;
  /** undefined when no plan was there by then */
  readonly soonGapPercent?: number;
  readonly cost: number;
}

/** Some 500 stops of each kind that rounds come in, two or three of a kind. */
function* instances(): Generator<Instance | undefined> {
  for (const seed of [1, 2]) {
    yield fullTown(seed, { stops: 500, vehicles: 15 });
    yield fullTown(seed, { stops: 500, vehicles: 50 });
    yield fullTown(seed, { stops: 500, vehicles: 20, windows: true, shiftS: 20_000 });
    yield madeTown(seed, { stops: 500, vehicles: 12 });
    yield bindingTown(seed, 500);
  }
  yield sharedInstance('cvrp/X-n331-k15');
  yield sharedInstance('mdvrp/p04.txt');
  yield sharedInstance('vrptw/R1_10_2');
}

function search(problem: Problem, seconds: number): Seen {
  const usedMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1e3;
  };
  const beganMs = usedMs();
  let [asked, used] = [0, 0];
  const stop: StopRule = () => {
    if (asked++ % 16 === 0) used = (usedMs() - beganMs) / 1e3 / seconds;
    return used;
  };
  let first: Solution | undefined;
  let soon: Solution | undefined;
  let firstMs = 0;
  const onImprove = (plan: Solution): void => {
    const tookMs = usedMs() - beganMs;
    if (!first && plan.feasible) [first, firstMs] = [plan, tookMs];
    if (tookMs <= SOON_MS) soon = plan;
  };
  const { solution } = solve(problem, stop, { seed: 1, onImprove });
  return { firstMs, first: first ?? solution, ...(soon && { soon }), last: solution };
}

async function inThread(problem: Problem, seconds: number): Promise<Seen> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { problem, seconds } });
  return new Promise((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

/** Measures every instance in a thread of its own, so that nothing is compiled beforehand. */
export async function measureFirstPlans(seconds: number): Promise<FirstPlanRow[]> {
  const rows: FirstPlanRow[] = [];
  for (const instance of instances()) {
    if (!instance) continue;
    const { first, firstMs, soon, last } = await inThread(instance.problem, seconds);
    const gap = (plan: Solution): number => Math.round(1e4 * (plan.cost / last.cost - 1)) / 100;
    const feasible = check(instance.problem, first).ok && check(instance.problem, last).ok;
    rows.push({
      instance: instance.name,
      stops: instance.problem.stops.length,
      firstMs: Math.round(firstMs),
      feasible,
      firstGapPercent: gap(first),
      ...(soon?.feasible && { soonGapPercent: gap(soon) }),
      cost: Math.round(last.cost),
    });
    const { firstGapPercent, soonGapPercent } = rows.at(-1)!;
    process.stderr.write(
      `first-plan      ${instance.name.padEnd(28)} ${feasible ? '' : 'INFEASIBLE '}${Math.round(firstMs)} ms, ` +
        `${firstGapPercent} % above ${seconds} s, at ${SOON_MS} ms ${soonGapPercent ?? '-'} %\n`,
    );
  }
  return rows;
}

const given = workerData as { problem?: Problem; seconds?: number } | null;
if (!isMainThread && given?.problem) parentPort?.postMessage(search(given.problem, given.seconds!));
