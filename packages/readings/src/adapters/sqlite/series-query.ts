import type { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import type { SeriesQuery } from '../../port.ts';
import type { ReadingColumns } from './columns.ts';
import { emptyRows, joinRows, sliceRows, takeRows, type Rows } from './rows.ts';
import { createSources, loadSources, piecesOf, type Range } from './sources.ts';
import type { Piece, Storage } from './storage.ts';
import { createToColumns } from './to-columns.ts';

interface Position {
  atMs: number;
  series: number;
}

/** Creates the query that pages through readings in order of (at, series). */
export function createSeriesQuery(
  db: DatabaseSync,
  storage: Storage,
): (query: SeriesQuery) => { columns: ReadingColumns; next?: string } {
  const sourcesOf = createSources(db);
  const toColumns = createToColumns(db);
  return (query) => {
    if (!Number.isSafeInteger(query.limit) || query.limit < 1)
      throw new RondeError('INPUT_INVALID', `limit ${query.limit} is not a positive whole number`);
    const rows = collect(storage, sourcesOf(query), query);
    const { limit } = query;
    if (rows.atMs.length <= limit) return { columns: toColumns(rows) };
    const columns = toColumns(
      takeRows(
        rows,
        Uint32Array.from({ length: limit }, (_, i) => i),
      ),
    );
    return { columns, next: `${rows.atMs[limit - 1]}.${rows.series[limit - 1]}` };
  };
}

/**
 * Takes one more row than the limit. Pieces come in order of time, and what has been found narrows the range of those to
 * come, so that no page reads much behind its end.
 */
function collect(storage: Storage, sources: ReturnType<ReturnType<typeof createSources>>, query: SeriesQuery): Rows {
  const { descending = false, limit } = query;
  const after = query.after === undefined ? undefined : parsePosition(query.after);
  const range = pastPosition(query, after, descending);
  let parts: Rows[] = [];
  let count = 0;
  let isNarrowed = false;
  const cut = (): Rows => {
    const joined = parts.length > 0 ? joinRows(parts) : emptyRows(0);
    if (!descending && isInOrder(joined)) return sliceRows(joined, 0, limit + 1);
    return takeRows(joined, timeOrder(joined, descending).subarray(0, limit + 1));
  };
  const orderOf = (a: Piece, b: Piece): number => (descending ? b.lastMs - a.lastMs : a.firstMs - b.firstMs);
  for (const piece of piecesOf(storage, sources, range).sort(orderOf)) {
    if (piece.firstMs >= range.toMs || piece.lastMs < range.fromMs) continue;
    for (const part of loadSources(storage, piece, sources, range)) {
      const kept = after ? behind(part, after, descending) : part;
      parts.push(kept);
      count += kept.atMs.length;
    }
    // sorts all that was found: at once when there is enough for a page, then each time that as much came again
    if (count <= (isNarrowed ? 2 * limit : limit)) continue;
    const best = cut();
    parts = [best];
    count = best.atMs.length;
    isNarrowed = true;
    if (descending) range.fromMs = best.atMs[limit]!;
    else range.toMs = best.atMs[limit]! + 1;
  }
  return cut();
}

/** One series alone comes in order, unless late readings lie in a piece of their own. */
function isInOrder({ atMs, series }: Rows): boolean {
  for (let i = 1; i < atMs.length; i++) {
    const ahead = atMs[i]! - atMs[i - 1]!;
    if (ahead < 0 || (ahead === 0 && series[i]! < series[i - 1]!)) return false;
  }
  return true;
}

/** Gives the places of rows in order of (at, series). */
function timeOrder({ atMs, series }: Rows, descending: boolean): Uint32Array {
  const order = Uint32Array.from(atMs.keys()).sort((a, b) => atMs[a]! - atMs[b]! || series[a]! - series[b]!);
  return descending ? order.reverse() : order;
}

/** The range without what lies before the position; readings of its very millisecond are told apart by `behind`. */
function pastPosition({ fromMs, toMs }: SeriesQuery, after: Position | undefined, descending: boolean): Range {
  if (!after) return { fromMs, toMs };
  return descending ? { fromMs, toMs: Math.min(toMs, after.atMs + 1) } : { fromMs: Math.max(fromMs, after.atMs), toMs };
}

function behind(rows: Rows, after: Position, descending: boolean): Rows {
  const isBehind = (row: number): boolean =>
    rows.atMs[row] !== after.atMs || (descending ? rows.series[row]! < after.series : rows.series[row]! > after.series);
  const kept = Uint32Array.from(rows.atMs.keys()).filter(isBehind);
  return kept.length === rows.atMs.length ? rows : takeRows(rows, kept);
}

function parsePosition(text: string): Position {
  const [atMs, series] = text.split('.').map(Number);
  if (!Number.isSafeInteger(atMs) || !Number.isSafeInteger(series))
    throw new RondeError('INPUT_INVALID', 'the cursor is not one of this list');
  return { atMs: atMs!, series: series! };
}
