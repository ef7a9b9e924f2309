import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { check, solve, toSolutionJson } from '../../packages/solver/src/index.ts';
import type { Instance, Solution, Stats } from '../../packages/solver/src/index.ts';
import { afterIterations } from '../../packages/solver/src/stop.ts';
import { sharedData } from '../shared-data.ts';
import { afterCpuSeconds, cpuSeconds } from './_cpu-budget.ts';
import { measureFirstPlans } from './_first-plan.ts';
import { measureLarge } from './_large.ts';
import { madeTown, sharedInstance } from './_made-instances.ts';
import { nearestNeighbour } from './_nearest-neighbour.ts';

/** A kind of problem: what it may take, how far from the best known it may end, and the files it is sampled with. */
interface Kind {
  readonly seconds: number;
  readonly barPercent: number;
  readonly files: readonly string[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  'cvrp-200': { seconds: 10, barPercent: 0.5, files: ['cvrp/A-n32-k5', 'cvrp/X-n101-k25', 'cvrp/X-n186-k15'] },
  'cvrp-500': { seconds: 30, barPercent: 0.5, files: ['cvrp/X-n331-k15'] },
  'windows-100': { seconds: 10, barPercent: 0.5, files: ['vrptw/R101.txt', 'vrptw/RC208.txt'] },
  'windows-1000': { seconds: 60, barPercent: 4, files: ['vrptw/R1_10_2'] },
  'several-trips': { seconds: 30, barPercent: 1.5, files: ['mtvrptwr/C201R0.5', 'mtvrptwr/RC2_2_03R0.25'] },
  'mixed-fleet': { seconds: 30, barPercent: 1, files: ['hfvrp/X115-HVRP'] },
  depots: { seconds: 30, barPercent: 1, files: ['mdvrp/p04.txt'] },
  prizes: { seconds: 60, barPercent: 3, files: ['pcvrptw/R1_10_3'] },
  'site-dependent': { seconds: 30, barPercent: 2, files: ['sdvrptw/PR03'] },
  waste: { seconds: 30, barPercent: 0, files: ['waste/waste-hd-60.json', 'waste/waste-hd-150-prize.json'] },
};

interface Row {
  readonly instance: string;
  readonly best?: number;
  readonly cost: number;
  readonly gapPercent?: number;
  /** the best of the ways of starting, before attempts make it better */
  readonly startGapPercent?: number;
  readonly nearestNeighbour: number | string;
  /** every rule holds by the independent checker and, for files in their own terms, by their own score */
  readonly feasible: boolean;
  readonly startMs: number;
  readonly iterationsPerS: number;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
function costOf(instance: Instance, solution: Solution): { cost: number; feasible: boolean } {
  const { ok } = check(instance.problem, solution);
  const { cost, feasible } = toSolutionJson(instance, solution, { seconds: 0, iterations: 0 });
  return { cost, feasible: feasible && ok };
}

function measure(
  instance: Instance,
  best: number | undefined,
  { seconds, seed }: { seconds: number; seed: number },
): Row {
  const { problem } = instance;
  const began = cpuSeconds();
  const first = solve(problem, afterIterations(0), { seed });
  const startMs = Math.round((cpuSeconds() - began) * 1000);
  const { solution, stats }: { solution: Solution; stats: Stats } = solve(problem, afterCpuSeconds(seconds), { seed });
  const { cost, feasible } = costOf(instance, solution);
  const simple = nearestNeighbour(problem);
  const gap = (value: number): number => round((100 * value) / best! - 100, 2);
  const start = costOf(instance, first.solution);
  return {
    instance: instance.name,
    ...(best === undefined ? {} : { best }),
    cost: round(cost, 2),
    ...(best === undefined ? {} : { gapPercent: gap(cost) }),
    ...(best === undefined || !start.feasible ? {} : { startGapPercent: gap(start.cost) }),
    nearestNeighbour: simple.left
      ? `leaves ${simple.left} required stops`
      : round(simple.cost / (solution.cost / cost), 2),
    feasible,
    startMs,
    iterationsPerS: Math.round(stats.iterations / seconds),
  };
}

function bestKnown(): ReadonlyMap<string, number> {
  const path = sharedData('routing/split-bks.json');
  const entries = path
    ? (JSON.parse(readFileSync(path, 'utf8')) as { name: string; bks?: number; reference?: number }[])
    : [];
  return new Map(entries.map(({ name, bks, reference }) => [name, bks ?? reference ?? NaN]));
}

function report(rows: readonly (Row & { kind: string })[]): void {
  for (const { kind, instance, gapPercent, startGapPercent, feasible, iterationsPerS, startMs } of rows) {
    const gaps = `${gapPercent ?? '-'} %, start ${startGapPercent ?? '-'} %`;
    const speed = `${startMs} ms to a start, ${iterationsPerS} iterations/s`;
    process.stderr.write(
      `${kind.padEnd(15)} ${instance.padEnd(20)} ${feasible ? '' : 'INFEASIBLE '}${gaps}, ${speed}\n`,
    );
  }
}

/**
 * Solves a sample of each kind on one core beside the constructive start and the nearest-neighbour rule.
 * `npm run -s bench -- solve [--kind windows-100] [--seconds 5] [--seed 1]`: seconds of processor time per instance,
 * those of the kind's bar when absent. `--kind first-plan` and `--kind large [--long]` run only when named: the latter
 * takes ten times its minute for comparison.
 */
export async function run(): Promise<object> {
  const options = {
    kind: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    long: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options, allowPositionals: true });
  const seed = Number(values.seed ?? 1);
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (values.kind === 'first-plan') return { rows: await measureFirstPlans(seconds ?? 10) };
  if (values.kind === 'large')
    return { rows: measureLarge({ seconds: seconds ?? 60, seed, long: values.long ?? false }) };
  if (values.kind && values.kind !== 'made' && !KINDS[values.kind])
    throw new RangeError(
      `no kind ${values.kind}; there are ${Object.keys(KINDS).join(', ')}, made, first-plan and large`,
    );
  const best = bestKnown();
  const kinds = Object.entries(KINDS).filter(([name]) => !values.kind || name === values.kind);
  const rows: (Row & { kind: string })[] = [];
  for (const [kind, { seconds: usual, files }] of kinds) {
    for (const instance of files.map(sharedInstance)) {
      if (!instance) continue;
      const budget = { seconds: seconds ?? usual, seed };
      rows.push({ kind, ...measure(instance, best.get(instance.name), budget) });
      report(rows.slice(-1));
      // Gives the caller's timers a turn between instances.
      await Promise.resolve();
    }
  }
  if (!values.kind || values.kind === 'made') {
    rows.push({
      kind: 'made',
      ...measure(madeTown(1, { stops: 500, vehicles: 12 }), undefined, { seconds: seconds ?? 10, seed }),
    });
  }
  const table = kinds.map(([kind, { barPercent }]) => {
    const gaps = rows.filter((row) => row.kind === kind && row.gapPercent !== undefined).map((row) => row.gapPercent!);
    const mean = gaps.length ? round(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, 2) : undefined;
    return { kind, barPercent, meanGapPercent: mean, instances: gaps.length };
  });
  return { seed, processorSeconds: seconds ?? 'as in the bar of each kind', table, rows };
}
