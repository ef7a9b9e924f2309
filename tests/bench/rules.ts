import { parseArgs } from 'node:util';
import { check, DUTCH_WORKING_HOURS, EU_DRIVING_TIME, solve } from '../../packages/solver/src/index.ts';
import type { Problem, Vehicle } from '../../packages/solver/src/index.ts';
import { afterCpuSeconds } from './_cpu-budget.ts';
import { bindingTown } from './_made-instances.ts';

/** Attempts under these rules are slow: the clock is looked at more often. */
const ASK_EVERY = 8;
/** Seconds that the shift of a made instance is stretched to, with all that happens in it. */
const DAY_S = 9 * 3_600;

/** A made waste instance whose shift is a working day of nine hours, so that breaks are owed. */
function wasteDay(seed: number, stops: number): Problem {
  const { problem } = bindingTown(seed, stops);
  const factor = DAY_S / problem.vehicles[0]!.shift![1];
  const scaled = (seconds: number): number => Math.round(seconds * factor);
  const windows = (list: Problem['stops'][number]['windows']): typeof list =>
    list?.map(([open, close]) => [scaled(open), scaled(close)] as const);
  return {
    ...problem,
    profiles: problem.profiles.map((each) => ({ ...each, durationS: each.durationS.map(scaled) })),
    vehicles: problem.vehicles.map((each) => ({ ...each, shift: [0, DAY_S] as const })),
    stops: problem.stops.map((each) => ({
      ...each,
      serviceS: scaled(each.serviceS ?? 0),
      windows: windows(each.windows),
    })),
    sites: problem.sites!.map((each) => ({
      ...each,
      tippingS: scaled(each.tippingS ?? 0),
      windows: windows(each.windows),
    })),
  };
}

const withVehicles = (problem: Problem, change: Partial<Vehicle>): Problem => ({
  ...problem,
  vehicles: problem.vehicles.map((each) => ({ ...each, ...change })),
});

const dutch = (problem: Problem): Problem => withVehicles(problem, { breaks: DUTCH_WORKING_HOURS });

const rush = (problem: Problem): Problem => ({
  ...problem,
  profiles: problem.profiles.map((each) => ({
    ...each,
    byTime: [
      { fromS: 3_600, factor: 1.4 },
      { fromS: 7_200, factor: 1 },
      { fromS: 28_800, factor: 1.3 },
    ],
  })),
});

const queue = (problem: Problem): Problem => ({
  ...problem,
  sites: problem.sites!.map((each) => ({
    ...each,
    weighInS: 60,
    queue: [
      { fromS: 7_200, waitS: 600 },
      { fromS: 14_400, waitS: 1_500 },
      { fromS: 21_600, waitS: 300 },
    ],
  })),
});

const VARIANTS: Readonly<Record<string, (problem: Problem) => Problem>> = {
  none: (problem) => problem,
  dutch,
  eu: (problem) => withVehicles(problem, { breaks: EU_DRIVING_TIME }),
  both: (problem) => withVehicles(problem, { breaks: { ...DUTCH_WORKING_HOURS, ...EU_DRIVING_TIME } }),
  rush,
  queue,
  'dutch+rush': (problem) => rush(dutch(problem)),
  'dutch+queue': (problem) => queue(dutch(problem)),
  'dutch+cleanout': (problem) => withVehicles(dutch(problem), { cleanOutS: 900 }),
  'dutch+paid': (problem) => withVehicles(dutch(problem), { costPerS: 0.3 }),
};

/**
 * What rules cost that only a whole sequence shows: attempts a second of processor time and the price of the plan, on made
 * waste instances of nine hours. `npm run -s bench -- rules [--rule dutch] [--seconds 5] [--stops 120] [--seeds 3]`.
 */
export async function run(): Promise<object> {
  const option = { type: 'string' } as const;
  const options = { rule: option, seconds: option, stops: option, seeds: option, json: { type: 'boolean' } } as const;
  const { values } = parseArgs({ options, allowPositionals: true });
  const seconds = Number(values.seconds ?? 5);
  const rows: object[] = [];
  for (const [rule, apply] of Object.entries(VARIANTS)) {
    if (values.rule && !values.rule.split(',').includes(rule)) continue;
    for (let seed = 1; seed <= Number(values.seeds ?? 3); seed++) {
      const problem = apply(wasteDay(seed, Number(values.stops ?? 120)));
      const { solution, stats } = solve(problem, afterCpuSeconds(seconds, ASK_EVERY), { seed });
      const row = {
        rule,
        seed,
        cost: Math.round(solution.cost),
        lawful: check(problem, solution).ok,
        left: stats.requiredLeft,
        attemptsPerS: Math.round(stats.iterations / seconds),
      };
      rows.push(row);
      process.stderr.write(`${JSON.stringify(row)}\n`);
      // Gives the caller's timers a turn between instances.
      await Promise.resolve();
    }
  }
  return { seconds, rows };
}
