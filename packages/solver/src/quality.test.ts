import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedData } from '../../../tests/shared-data.ts';
import { check } from './check.ts';
import { parseInstance } from './formats/parse-instance.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

interface Anchor {
  readonly file: string;
  /** best known or reference cost, from the data set's split-bks.json */
  readonly best: number;
  readonly iterations: number;
  /** largest gap allowed */
  readonly gap: number;
}

const ANCHORS: readonly Anchor[] = [
  { file: 'cvrp/A-n32-k5.vrp', best: 784, iterations: 15_000, gap: 0.02 },
  { file: 'cvrp/X-n101-k25.vrp', best: 27_591, iterations: 40_000, gap: 0.02 },
  { file: 'waste/waste-hd-60.json', best: 87_573, iterations: 20_000, gap: 0.05 },
  { file: 'waste/waste-hd-150-prize.json', best: 77_427, iterations: 20_000, gap: 0.05 },
];

for (const { file, best, iterations, gap } of ANCHORS) {
  const path = sharedData(`routing/${file}`);
  test.skipIf(!path)(
    `${file} is solved within ${gap * 100} % of the best known (needs the shared routing data)`,
    () => {
      const parsed = parseInstance(readFileSync(path!, 'utf8'));
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
      const { solution } = solve(parsed.instance.problem, afterIterations(iterations), { seed: 1 });
      expect(check(parsed.instance.problem, solution).violations).toEqual([]);
      const found = solution.cost / best - 1;
      process.stdout.write(
        `${file}: ${solution.cost}, ${(100 * found).toFixed(2)} % above ${best} after ${iterations} iterations\n`,
      );
      expect(found).toBeLessThan(gap);
    },
    120_000,
  );
}
