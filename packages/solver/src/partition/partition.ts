import { pick, reducedCost } from './columns.ts';
import type { Columns, Duals } from './columns.ts';
import { findDuals, makeFeasible } from './duals.ts';
import { searchTree } from './search-tree.ts';

/** Subgradient rounds before columns are dropped that cannot be in a cheaper choice, each time. */
const ROUNDS = [40, 80, 120] as const;

/**
 * Finds a choice of columns cheaper than a known one: prices by Lagrangian relaxation, columns fixed out by them, and
 * a depth-first search over the rest.
 * @param start prices to start from, such as those of the known choice
 * @param upper cost of the known choice
 * @param steps how many columns the search may look at
 * @returns the columns chosen, or undefined when none cheaper was found
 */
export function findPartition(
  columns: Columns,
  { start, upper, steps }: { start: Duals; upper: number; steps: number },
): number[] | undefined {
  let names = Array.from({ length: columns.count }, (_, j) => j);
  let rest = columns;
  let duals = start;
  for (const rounds of ROUNDS) {
    const found = findDuals(rest, { start: duals, upper, rounds });
    duals = found.duals;
    const kept: number[] = [];
    for (let j = 0; j < rest.count; j++) {
      if (Math.max(0, reducedCost(rest, duals, j)) < upper - found.bound - 1e-6) kept.push(j);
    }
    rest = pick(rest, kept);
    names = kept.map((j) => names[j]!);
  }
  const chosen = searchTree(rest, makeFeasible(rest, duals), { upper, steps });
  return chosen?.map((j) => names[j]!);
}
