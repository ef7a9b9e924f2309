import { reducedCost } from './columns.ts';
import type { Columns } from './columns.ts';
import { listByRow } from './duals.ts';
import type { Bounded } from './duals.ts';

/**
 * Looks for a choice of columns cheaper than `upper`, depth first: the row with the fewest columns left decides next. With prices
 * at which no column has a negative reduced cost, what the chosen ones cost beyond them is all that can push a choice over `upper`.
 * @param steps how many columns it may look at; the best choice so far is the answer when they run out
 * @returns the columns chosen, or undefined when none is cheaper
 */
export function searchTree(
  columns: Columns,
  { duals, bound }: Bounded,
  { upper, steps }: { upper: number; steps: number },
): number[] | undefined {
  const { count, rowCount, from, rows, group, room, skipCost } = columns;
  const reduced = Float64Array.from({ length: count }, (_, j) => Math.max(0, reducedCost(columns, duals, j)));
  const columnsOf = listByRow(columns);
  for (const list of columnsOf) list.sort((x, y) => reduced[x]! - reduced[y]! || x - y);
  const covered = new Uint8Array(rowCount);
  /** per column, how many of its rows are covered */
  const clashes = new Int32Array(count);
  const left = room.slice();
  const chosen: number[] = [];
  let best: number[] | undefined;
  let budget = upper - bound - 1e-6;
  let open = rowCount;
  let looked = 0;

  const fits = (j: number, rest: number): boolean => clashes[j] === 0 && reduced[j]! <= rest && left[group[j]!]! > 0;

  /** The uncovered row with the fewest ways to go on; -1 when some row has none. */
  function narrowest(rest: number): number {
    let [row, fewest] = [-1, Infinity];
    for (let i = 0; i < rowCount; i++) {
      if (covered[i]) continue;
      let ways = skipCost[i]! - duals.row[i]! <= rest ? 1 : 0;
      for (const j of columnsOf[i]!) {
        looked++;
        if (reduced[j]! > rest) break;
        if (fits(j, rest) && ++ways >= fewest) break;
      }
      if (ways >= fewest) continue;
      [row, fewest] = [i, ways];
      if (ways === 0) return -1;
    }
    return row;
  }

  function cover(j: number, sign: 1 | -1): void {
    left[group[j]!]! -= sign;
    for (let k = from[j]!; k < from[j + 1]!; k++) {
      mark(rows[k]!, sign);
      looked += columnsOf[rows[k]!]!.length;
    }
  }

  /** Takes a row, covered or left out, from those still to decide, or gives it back. */
  function mark(row: number, sign: 1 | -1): void {
    covered[row] = sign > 0 ? 1 : 0;
    open -= sign;
    for (const other of columnsOf[row]!) clashes[other]! += sign;
  }

  /** Keeps a whole choice if it is the best; places of a group that stay empty are paid for here. */
  function note(spent: number): void {
    let total = spent;
    for (let g = 0; g < left.length; g++) total += duals.group[g]! * left[g]!;
    if (total >= budget) return;
    budget = total - 1e-6;
    best = [...chosen];
  }

  function descend(spent: number): void {
    if (open === 0) return note(spent);
    const row = narrowest(budget - spent);
    if (row < 0) return;
    for (const j of columnsOf[row]!) {
      if (looked > steps || spent + reduced[j]! > budget) break;
      if (!fits(j, budget - spent)) continue;
      cover(j, 1);
      chosen.push(j);
      descend(spent + reduced[j]!);
      chosen.pop();
      cover(j, -1);
    }
    const extra = skipCost[row]! - duals.row[row]!;
    if (looked > steps || spent + extra > budget) return;
    mark(row, 1);
    descend(spent + extra);
    mark(row, -1);
  }

  descend(0);
  return best;
}
