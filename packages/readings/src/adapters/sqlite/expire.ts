import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { transact, type WriteParts } from './append.ts';
import type { Slice } from './compact.ts';
import { HOUR_MS, addValue, totalOf, type Total } from './fold.ts';
import { createHourStore, type HourStore, type Hours } from './hours.ts';
import { isInvalid } from './marks.ts';
import { takeRows, type Rows } from './rows.ts';
import { ANY_BUCKET, bucketOf, deviceOf, type Piece, type Storage } from './storage.ts';

const SLICE_MS = 15;

/** Where each quantity's readings shall begin, in ms; a moment is taken down to the hour. */
export type ExpireBefore = Record<string, number>;

/** One quantity's readings between what is gone already and its floor, device by device. */
interface Pass {
  quantity: string;
  fromMs: number;
  floorMs: number;
  devices: { device: number; series: Set<number> }[];
}

/**
 * Creates the taking away of old readings. Each call is one short transaction. The floors are raised in the first: from
 * then on nothing older is stored, so that a replay brings nothing back. Rows then go device by device, each with its
 * hours added to the store of hours in the same transaction. Killed at any moment, the pass starts again and finds what
 * is left.
 */
export function createExpire(parts: WriteParts): (before: ExpireBefore) => Slice & { removed: number } {
  const { db, storage } = parts;
  const raise = prepareRaiseFloor(db);
  const open = db.prepare(
    'SELECT quantity, done_ms AS fromMs, floor_ms AS floorMs FROM floors WHERE done_ms IS NULL OR done_ms < floor_ms',
  );
  const seriesOf = db.prepare('SELECT id FROM series WHERE quantity = ?');
  const finish = db.prepare('UPDATE floors SET done_ms = ? WHERE quantity = ?');
  const takeAway = createTakeAway(parts, createHourStore(db));
  let pass: Pass | undefined;
  const nextPass = (): Pass | undefined => {
    const row = open.get() as { quantity: string; fromMs: number | null; floorMs: number } | undefined;
    if (!row) return undefined;
    const ids = (seriesOf.all(row.quantity) as unknown as { id: number }[]).map(({ id }) => id);
    const devices = [...Map.groupBy(ids, deviceOf)].map(([device, own]) => ({ device, series: new Set(own) }));
    return { ...row, fromMs: row.fromMs ?? -Infinity, devices };
  };
  const slice = (before: ExpireBefore, untilMs: number): { isMore: boolean; removed: number } => {
    for (const [quantity, ms] of Object.entries(before)) raise.run(quantity, Math.floor(ms / HOUR_MS) * HOUR_MS);
    pass ??= nextPass();
    let removed = 0;
    // one device at least, however slow the machine
    for (let steps = 0; pass && (steps === 0 || performance.now() < untilMs); steps++) {
      const next = pass.devices.pop();
      if (next) removed += takeAway(piecesOf(storage, next.device, pass), next.series, pass.floorMs);
      else {
        finish.run(pass.floorMs, pass.quantity);
        pass = nextPass();
      }
    }
    return { isMore: pass !== undefined, removed };
  };
  return (before) => {
    const start = performance.now();
    try {
      const done = transact(parts, true, () => slice(before, start + SLICE_MS));
      return { ...done, tookMs: performance.now() - start };
    } catch (error) {
      pass = undefined;
      throw error;
    }
  };
}

export function prepareRaiseFloor(db: DatabaseSync): StatementSync {
  return db.prepare(
    `INSERT INTO floors (quantity, floor_ms) VALUES (?, ?)
     ON CONFLICT (quantity) DO UPDATE SET floor_ms = max(floor_ms, excluded.floor_ms)`,
  );
}

function piecesOf(storage: Storage, device: number, { fromMs, floorMs }: Pass): Piece[] {
  const segments = [ANY_BUCKET, bucketOf(device)].flatMap(storage.segments);
  return [
    ...segments.filter(({ firstMs, lastMs }) => firstMs < floorMs && lastMs >= fromMs),
    ...storage.blocks(device, fromMs, floorMs),
  ];
}

function createTakeAway({ db, storage, lastValues }: WriteParts, hourStore: HourStore) {
  const channelOf = db.prepare('SELECT channel FROM mountings WHERE id = ?');
  const reduce = db.prepare('UPDATE totals SET readings = readings - ?');
  return (pieces: Piece[], series: ReadonlySet<number>, floorMs: number): number => {
    const hours = new Map<number, Hours>();
    let removed = 0;
    for (const piece of pieces) {
      const rows = storage.load(piece);
      const isGone = (row: number): boolean => rows.atMs[row]! < floorMs && series.has(rows.series[row]!);
      const all = Uint32Array.from(rows.series.keys());
      const gone = takeRows(rows, all.filter(isGone));
      if (gone.series.length === 0) continue;
      removed += gone.series.length;
      addHours(hours, gone);
      storage.replace(
        piece,
        takeRows(
          rows,
          all.filter((row) => !isGone(row)),
        ),
      );
    }
    if (removed === 0) return 0;
    reduce.run(removed);
    for (const [mounting, own] of hours) {
      hourStore.add(mounting, own);
      lastValues.refresh((channelOf.get(mounting) as { channel: number }).channel, floorMs);
    }
    lastValues.flush();
    return removed;
  };
}

function addHours(hours: Map<number, Hours>, { mounting, atMs, value, marks }: Rows): void {
  for (let i = 0; i < atMs.length; i++) {
    const own = hours.get(mounting[i]!) ?? new Map<number, Total>();
    hours.set(mounting[i]!, own);
    if (Number.isNaN(value[i]) || isInvalid(marks[i]!)) continue;
    const hour = Math.floor(atMs[i]! / HOUR_MS);
    const total = own.get(hour);
    if (total) addValue(total, value[i]!);
    else own.set(hour, totalOf(value[i]!));
  }
}
