import type { DatabaseSync } from 'node:sqlite';
import type { RollupPoint } from '@ronde/contracts';
import type { RollupQuery } from '../../port.ts';
import { HOUR_MS, addTotal, addValue, totalOf, type Total } from './fold.ts';
import { createHourStore } from './hours.ts';
import { isInvalid } from './marks.ts';
import type { Rows } from './rows.ts';
import { createSources, loadSources, piecesOf, type Range, type Sources } from './sources.ts';
import type { Storage } from './storage.ts';

const STEP_MS = { '1h': HOUR_MS, '1d': 24 * HOUR_MS } as const;

/**
 * Creates the query for hours and days. They are added up from the readings when asked: a year of one bin takes
 * milliseconds, and appends need not keep a second table in step. Only those of readings that are gone are stored.
 */
export function createRollupQuery(db: DatabaseSync, storage: Storage) {
  const sourcesOf = createSources(db);
  const addGone = createAddGone(db);
  return ({ step, fromMs, toMs, ...query }: RollupQuery): RollupPoint[] => {
    const stepMs = STEP_MS[step];
    const range = { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs };
    const sources = sourcesOf(query);
    const totals = new Map<number, Total>();
    for (const piece of piecesOf(storage, sources, range))
      for (const part of loadSources(storage, piece, sources, range)) addRows(totals, part, stepMs);
    addGone(totals, sources, range, stepMs);
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

function createAddGone(db: DatabaseSync) {
  const hourStore = createHourStore(db);
  const mountingsOf = db.prepare('SELECT id FROM mountings WHERE series = ?');
  return (totals: Map<number, Total>, sources: Sources, { fromMs, toMs }: Range, stepMs: number): void => {
    for (const [series, asked] of sources) {
      const mountings = asked ?? (mountingsOf.all(series) as unknown as { id: number }[]).map(({ id }) => id);
      for (const mounting of mountings)
        for (const hours of hourStore.load(mounting, fromMs, toMs))
          for (const [hour, more] of hours) {
            if (hour * HOUR_MS < fromMs || hour * HOUR_MS >= toMs) continue;
            const step = Math.floor((hour * HOUR_MS) / stepMs);
            const total = totals.get(step);
            if (total) addTotal(total, more);
            else totals.set(step, more);
          }
    }
  };
}
