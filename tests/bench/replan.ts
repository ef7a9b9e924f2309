import { loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Keep, Solution, StopRule } from '../../packages/solver/src/index.ts';
import { check, replan } from '../../packages/solver/src/index.ts';
import { fromPlain, type PlainProblem } from '../../services/routing/src/plan-file.ts';
import { openRunningRounds, openStops } from './_running-rounds.ts';

const BINS = 330;
const VEHICLES = 10;
const EVENTS = 40;
/** Events whose plan is compared with a search of the same limit and much more time. */
const COMPARED = 8;
const LONG_CPU_S = 4;

/** CPU time of this process: others on the machine do not falsify a comparison. */
function afterCpu(limitS: number): StopRule {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1e6 / limitS;
  };
}

/**
 * Single events while some 300 stops are open on ten rounds: how long until the changed rounds are out, how far each plan
 * is from a long search under the same limit of changes, and how much the event loop was held up meanwhile.
 */
export async function run(): Promise<object> {
  let seed = 20_260_105;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const city = await openRunningRounds({ bins: BINS, vehicles: VEHICLES, random });
  try {
    await city.plan();
    for (const round of city.rounds.open()) await city.advance(round);
    const openAtFirst = openStops(city.rounds.open());
    const published: number[] = [];
    city.bus.on('round.published', () => void published.push(performance.now()));
    const [tookMs, gaps, changed, ids]: [number[], number[], number[], string[]] = [[], [], [], []];
    const delay = monitorEventLoopDelay({ resolution: 1 });
    for (let event = 0; event < EVENTS; event++) {
      const idle = [...city.level].filter(([, fill]) => fill < 0.6).map(([id]) => id);
      city.level.set(idle[Math.floor(random() * idle.length)] ?? 'bin-0', 1);
      published.length = 0;
      delay.enable();
      const beganMs = performance.now();
      const plan = await city.plan();
      delay.disable();
      if (plan.status !== 'done') throw new Error(plan.fault ?? 'the plan failed');
      tookMs.push((published.at(-1) ?? performance.now()) - beganMs);
      changed.push(plan.changes?.changed ?? 0);
      ids.push(plan.id);
      const rounds = city.rounds.open();
      await city.advance(rounds[event % rounds.length]!);
    }
    let violations = 0;
    for (const id of ids.slice(-COMPARED)) {
      const detail = (await city.records.detail(id))!;
      const problem = fromPlain(detail.problem as PlainProblem);
      const kept = detail.solution as Solution;
      violations += check(problem, kept).violations.length;
      const options = { seed: 1, initial: detail.initial as Solution, keep: detail.keep as Keep };
      const { solution } = replan(problem, afterCpu(LONG_CPU_S), options);
      gaps.push((kept.cost / solution.cost - 1) * 100);
    }
    return {
      openStops: openAtFirst,
      vehicles: VEHICLES,
      events: EVENTS,
      changeLimit: 12,
      replanMs: { p50: percentile(tookMs, 0.5), p95: percentile(tookMs, 0.95), max: Math.round(Math.max(...tookMs)) },
      changedStops: { p50: percentile(changed, 0.5), max: Math.max(...changed) },
      gapToLongSearchPercent: {
        mean: round2(mean(gaps)),
        max: round2(Math.max(...gaps)),
        cpuS: LONG_CPU_S,
        plans: COMPARED,
      },
      eventLoopDelayMs: {
        p50: round2(delay.percentile(50) / 1e6),
        p99: round2(delay.percentile(99) / 1e6),
        max: round2(delay.max / 1e6),
      },
      violations,
      load: loadavg().map(round2),
    };
  } finally {
    await city.close();
  }
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
}
function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
