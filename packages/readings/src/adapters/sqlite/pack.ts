import { spanOf } from './block.ts';
import { DAY_MS } from './columns.ts';
import { joinRows, sliceRows, sortRows, type Rows } from './rows.ts';
import { deviceOf, type Piece, type Storage } from './storage.ts';

/** Readings after which a block is full and the next day begins another. */
const BLOCK_ROWS = 3_000;

/** One device's rows of a day, in order of (series, at). */
interface Day {
  startMs: number;
  rows: Rows;
}

/**
 * Packs rows of one device, in order of (series, at), into its blocks, day after day; a block at least.
 * @returns what was left when `isOver` said so, in that order
 */
export function packDevice(storage: Storage, rows: Rows, isOver: () => boolean = () => false): Rows | undefined {
  const days = daysOf(rows);
  const device = deviceOf(rows.series[0]!);
  for (let from = 0; from < days.length;) {
    if (from > 0 && isOver()) return sortRows(joinRows(days.slice(from).map((day) => day.rows)));
    const first = days[from]!.startMs;
    const block = storage.blockAt(device, first);
    // a full block still takes what lies between its days
    const isOpen = block !== undefined && (block.count < BLOCK_ROWS || first <= block.lastMs);
    const to = endOf(days, from, { block: isOpen ? block : undefined, endMs: storage.nextBlockMs(device, first) });
    const parts = days.slice(from, to).map((day) => day.rows);
    putBlocks(
      storage,
      isOpen ? block : undefined,
      sortRows(joinRows(isOpen ? [storage.load(block), ...parts] : parts)),
    );
    from = to;
  }
  return undefined;
}

/** Writes rows in the place of a block, or as a new one; a block that late days made too large becomes several. */
function putBlocks(storage: Storage, block: Piece | undefined, rows: Rows): void {
  const days = daysOf(rows);
  const parts = rows.atMs.length > 2 * BLOCK_ROWS ? fullParts(days) : [days];
  parts.forEach((part, i) => {
    const own = parts.length === 1 ? rows : sortRows(joinRows(part.map((day) => day.rows)));
    if (i === 0 && block) storage.replace(block, own);
    else storage.addBlock(part[0]!.startMs, own);
  });
}

function fullParts(days: Day[]): Day[][] {
  const parts: Day[][] = [];
  let count = Infinity;
  for (const day of days) {
    if (count >= BLOCK_ROWS) {
      parts.push([]);
      count = 0;
    }
    parts.at(-1)!.push(day);
    count += day.rows.atMs.length;
  }
  return parts;
}

/** Finds how many days go into one block: those before the next block, of one span, until it is full. */
function endOf(days: Day[], from: number, { block, endMs }: { block: Piece | undefined; endMs: number }): number {
  let count = (block?.count ?? 0) + days[from]!.rows.atMs.length;
  let to = from + 1;
  for (; to < days.length; to++) {
    const { startMs, rows } = days[to]!;
    if (startMs >= endMs || spanOf(startMs) !== spanOf(days[from]!.startMs)) break;
    if (count >= BLOCK_ROWS && !(block && startMs <= block.lastMs)) break;
    count += rows.atMs.length;
  }
  return to;
}

function daysOf(rows: Rows): Day[] {
  const days = new Map<number, Rows[]>();
  const dayOf = (row: number): number => Math.floor(rows.atMs[row]! / DAY_MS);
  for (let from = 0, to = 0; from < rows.series.length; from = to) {
    const day = dayOf(from);
    while (to < rows.series.length && rows.series[to] === rows.series[from] && dayOf(to) === day) to += 1;
    const parts = days.get(day) ?? [];
    parts.push(sliceRows(rows, from, to));
    days.set(day, parts);
  }
  return [...days].sort(([a], [b]) => a - b).map(([day, parts]) => ({ startMs: day * DAY_MS, rows: joinRows(parts) }));
}
