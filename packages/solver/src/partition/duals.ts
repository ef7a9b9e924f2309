import { reducedCost } from './columns.ts';
import type { Columns, Duals } from './columns.ts';

/** Rounds without a better bound after which steps get shorter. */
const PATIENCE = 10;
/** Share of the last direction that is kept (Camerini, Fratta & Maffioli 1975). */
const DEFLECTION = 0.7;

/** Prices and the bound they prove. */
export interface Bounded {
  readonly duals: Duals;
  readonly bound: number;
}

interface Ascent extends Duals {
  readonly rowStep: Float64Array;
  readonly groupStep: Float64Array;
}

/** The bound that prices prove; leaves the violation of every row and group in the ascent's steps. */
function weigh(columns: Columns, ascent: Ascent): number {
  const { row, group, rowStep, groupStep } = ascent;
  const { count, rowCount, from, rows, room } = columns;
  let bound = 0;
  for (let i = 0; i < rowCount; i++) {
    bound += row[i]!;
    rowStep[i] = DEFLECTION * rowStep[i]! + 1;
  }
  for (let g = 0; g < room.length; g++) {
    bound -= group[g]! * room[g]!;
    groupStep[g] = DEFLECTION * groupStep[g]! - room[g]!;
  }
  for (let j = 0; j < count; j++) {
    const reduced = reducedCost(columns, ascent, j);
    if (reduced >= 0) continue;
    bound += reduced;
    groupStep[columns.group[j]!]! += 1;
    for (let k = from[j]!; k < from[j + 1]!; k++) rowStep[rows[k]!]! -= 1;
  }
  return bound;
}

/** Moves the prices along the steps; what leaving a row out costs is the most it may be priced at. */
function move(columns: Columns, { row, group, rowStep, groupStep }: Ascent, distance: number): void {
  let norm = 0;
  for (const step of rowStep) norm += step * step;
  for (const step of groupStep) norm += step * step;
  if (norm < 1e-9) return;
  const scale = distance / norm;
  for (let i = 0; i < row.length; i++) row[i] = Math.min(columns.skipCost[i]!, row[i]! + scale * rowStep[i]!);
  for (let g = 0; g < group.length; g++) group[g] = Math.max(0, group[g]! + scale * groupStep[g]!);
}

/**
 * Finds prices that prove a high bound, by subgradient steps of the Lagrangian relaxation (Held, Wolfe & Crowder 1974).
 * @param upper cost of a known choice
 */
export function findDuals(
  columns: Columns,
  { start, upper, rounds }: { start: Duals; upper: number; rounds: number },
): Bounded {
  const ascent: Ascent = {
    row: start.row.slice(),
    group: start.group.slice(),
    rowStep: new Float64Array(start.row.length),
    groupStep: new Float64Array(start.group.length),
  };
  let best: Bounded = { duals: start, bound: -Infinity };
  let [pace, stalled] = [1, 0];
  for (let round = 0; round < rounds; round++) {
    const bound = weigh(columns, ascent);
    if (bound > best.bound + 1e-9) {
      best = { duals: { row: ascent.row.slice(), group: ascent.group.slice() }, bound };
      stalled = 0;
    } else if (++stalled > PATIENCE) {
      pace /= 2;
      stalled = 0;
    }
    if (upper - bound < 1e-6) break;
    move(columns, ascent, pace * (upper - bound));
  }
  return best;
}

/** Lowers prices until no column costs less than what it covers, then raises each as far as that allows. */
export function makeFeasible(columns: Columns, { row, group }: Duals): Bounded {
  const duals = { row: row.slice(), group: group.slice() };
  const { count, rowCount, from, rows, skipCost, room } = columns;
  // Spread evenly over its rows: what the worst column of a row lacks is then made up for in all of its rows.
  const lack = new Float64Array(rowCount);
  for (let j = 0; j < count; j++) {
    const share = reducedCost(columns, duals, j) / Math.max(1, from[j + 1]! - from[j]!);
    for (let k = from[j]!; k < from[j + 1]!; k++) lack[rows[k]!] = Math.min(lack[rows[k]!]!, share);
  }
  for (let i = 0; i < rowCount; i++) duals.row[i]! += lack[i]!;
  const slack = Float64Array.from({ length: count }, (_, j) => Math.max(0, reducedCost(columns, duals, j)));
  const columnsOf = listByRow(columns);
  for (let i = 0; i < rowCount; i++) {
    let rise = skipCost[i]! - duals.row[i]!;
    for (const j of columnsOf[i]!) rise = Math.min(rise, slack[j]!);
    if (rise <= 0) continue;
    duals.row[i]! += rise;
    for (const j of columnsOf[i]!) slack[j]! -= rise;
  }
  let bound = 0;
  for (const price of duals.row) bound += price;
  for (const [g, price] of duals.group.entries()) bound -= price * room[g]!;
  return { duals, bound };
}

/** Per row, the columns that cover it. */
export function listByRow({ count, rowCount, from, rows }: Columns): number[][] {
  const lists = Array.from({ length: rowCount }, (): number[] => []);
  for (let j = 0; j < count; j++) for (let k = from[j]!; k < from[j + 1]!; k++) lists[rows[k]!]!.push(j);
  return lists;
}
