import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import type { Columns } from './columns.ts';
import { findDuals, makeFeasible } from './duals.ts';
import { findPartition } from './partition.ts';

function drawColumns(seed: number): Columns {
  const random = createRandom(seed);
  const [rowCount, count, groups] = [3 + random.int(5), 5 + random.int(6), 1 + random.int(3)];
  const from = [0];
  const rows: number[] = [];
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < rowCount; i++) if (random.float() < 0.4) rows.push(i);
    if (rows.length === from.at(-1)) rows.push(random.int(rowCount));
    from.push(rows.length);
  }
  return {
    count,
    rowCount,
    from: Int32Array.from(from),
    rows: Int32Array.from(rows),
    cost: Float64Array.from({ length: count }, () => random.int(100) - 5),
    group: Int32Array.from({ length: count }, () => random.int(groups)),
    skipCost: Float64Array.from({ length: rowCount }, () => 20 + random.int(60)),
    room: Int32Array.from({ length: groups }, () => random.int(4)),
  };
}

/** Cost of a choice; Infinity when it covers a row twice or overfills a group. */
function costOf({ rowCount, from, rows, cost, group, skipCost, room }: Columns, chosen: readonly number[]): number {
  const times = new Int32Array(rowCount);
  const left = room.slice();
  let sum = 0;
  for (const j of chosen) {
    sum += cost[j]!;
    if (--left[group[j]!]! < 0) return Infinity;
    for (let k = from[j]!; k < from[j + 1]!; k++) if (++times[rows[k]!]! > 1) return Infinity;
  }
  for (let i = 0; i < rowCount; i++) sum += times[i] ? 0 : skipCost[i]!;
  return sum;
}

function cheapest(columns: Columns): number {
  let best = Infinity;
  for (let set = 0; set < 2 ** columns.count; set++) {
    const chosen = Array.from({ length: columns.count }, (_, j) => j).filter((j) => (set >> j) & 1);
    best = Math.min(best, costOf(columns, chosen));
  }
  return best;
}

const flat = ({ rowCount, room, skipCost }: Columns): { row: Float64Array; group: Float64Array } => ({
  row: skipCost.map((cost) => cost / 2).subarray(0, rowCount),
  group: new Float64Array(room.length),
});

test('the choice is the cheapest of all subsets, with rows left out and groups that are short', () => {
  let shortGroups = 0;
  const property = fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
    const columns = drawColumns(seed);
    const none = costOf(columns, []);
    const best = cheapest(columns);
    if (cheapest({ ...columns, room: columns.room.map(() => 99) }) < best) shortGroups++;
    const chosen = findPartition(columns, { start: flat(columns), upper: none, steps: 1e6 });
    expect(chosen ? costOf(columns, chosen) : none).toBeCloseTo(best, 6);
    // Nothing is cheaper than the cheapest, and the search says so.
    expect(findPartition(columns, { start: flat(columns), upper: best, steps: 1e6 })).toBeUndefined();
  });
  fc.assert(property, { seed: 11, numRuns: 150 });
  expect(shortGroups).toBeGreaterThan(20);
});

test('a bound is never above the cheapest choice, and steps that run out never make a choice unlawful', () => {
  const property = fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
    const columns = drawColumns(seed);
    const [none, best] = [costOf(columns, []), cheapest(columns)];
    const bounded = findDuals(columns, { start: flat(columns), upper: none, rounds: 60 });
    expect(bounded.bound).toBeLessThanOrEqual(best + 1e-6);
    expect(makeFeasible(columns, bounded.duals).bound).toBeLessThanOrEqual(best + 1e-6);
    const chosen = findPartition(columns, { start: flat(columns), upper: none, steps: 5 });
    if (chosen) expect(costOf(columns, chosen)).toBeLessThan(none);
  });
  fc.assert(property, { seed: 12, numRuns: 150 });
});
