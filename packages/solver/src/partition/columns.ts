/**
 * Set partitioning: every row in one chosen column at most, or left out at a price, and only so many columns of a group.
 * Rows are stops, columns are rounds, groups are kinds of vehicle.
 */
export interface Columns {
  readonly count: number;
  readonly rowCount: number;
  /** rows of column j are rows[from[j]…from[j+1]) */
  readonly from: Int32Array;
  readonly rows: Int32Array;
  readonly cost: Float64Array;
  readonly group: Int32Array;
  /** per row, the price of leaving it out */
  readonly skipCost: Float64Array;
  /** per group, how many of its columns may be chosen */
  readonly room: Int32Array;
}

/** A price per row and per place in a group. */
export interface Duals {
  readonly row: Float64Array;
  readonly group: Float64Array;
}

/** What a column costs beyond the prices of what it covers; one of an improving choice costs little more. */
export function reducedCost({ from, rows, cost, group }: Columns, duals: Duals, j: number): number {
  let sum = cost[j]! + duals.group[group[j]!]!;
  for (let k = from[j]!; k < from[j + 1]!; k++) sum -= duals.row[rows[k]!]!;
  return sum;
}

/** The columns whose index is listed, in that order. */
export function pick(columns: Columns, chosen: readonly number[]): Columns {
  const from = new Int32Array(chosen.length + 1);
  for (const [k, j] of chosen.entries()) from[k + 1] = from[k]! + columns.from[j + 1]! - columns.from[j]!;
  const rows = new Int32Array(from[chosen.length]!);
  for (const [k, j] of chosen.entries()) rows.set(columns.rows.subarray(columns.from[j], columns.from[j + 1]), from[k]);
  return {
    ...columns,
    count: chosen.length,
    from,
    rows,
    cost: Float64Array.from(chosen, (j) => columns.cost[j]!),
    group: Int32Array.from(chosen, (j) => columns.group[j]!),
  };
}
