import type { DatabaseSync } from 'node:sqlite';
import type { RollupPoint } from '@ronde/contracts';
import type { RollupQuery } from '../../port.ts';
import { HOUR_MS, addValue, totalOf, type Total } from './fold.ts';
import { isInvalid } from './marks.ts';
import type { Rows } from './rows.ts';
import { createSources, loadSources, piecesOf } from './sources.ts';
import type { Storage } from './storage.ts';

const STEP_MS = { '1h': HOUR_MS, '1d': 24 * HOUR_MS } as const;

/**
 * Creates the query for hours and days. They are added up from the readings when asked: a year of one bin takes
 * milliseconds, and appends need not keep a second table in step.
 */
export function createRollupQuery(db: DatabaseSync, storage: Storage) {
  const sourcesOf = createSources(db);
  return ({ step, fromMs, toMs, ...query }: RollupQuery): RollupPoint[] => {
    const stepMs = STEP_MS[step];
    const range = { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs };
    const sources = sourcesOf(query);
    const totals = new Map<number, Total>();
    for (const piece of piecesOf(storage, sources, range))
      for (const part of loadSources(storage, piece, sources, range)) addRows(totals, part, stepMs);
    return [...totals]
      .sort(([a], [b]) => a - b)
      .map(([number, { min, max, sum, rest, count }]) => {
        return { from: new Date(number * stepMs).toISOString(), min, max, mean: (sum + rest) / count, count };
      });
  };
}

function addRows(totals: Map<number, Total>, { atMs, value, marks }: Rows, stepMs: number): void {
  let number = NaN;
  let total: Total | undefined;
  for (let i = 0; i < atMs.length; i++) {
    const one = value[i]!;
    if (Number.isNaN(one) || isInvalid(marks[i]!)) continue;
    const own = Math.floor(atMs[i]! / stepMs);
    if (own !== number) total = totals.get((number = own));
    if (total) addValue(total, one);
    else totals.set(number, (total = totalOf(one)));
  }
}
