import { insertSegments } from './append.ts';
import { createLookup, type FoundRow } from './lookup.ts';
import { seriesOrder, takeRows, type Rows } from './rows.ts';
import type { Piece, Storage } from './storage.ts';

/** A row that is stored, or that this edit added; its columns may be written to, after which `touch` must be called. */
export type EditedRow = Pick<FoundRow, 'rows' | 'row'> & { piece?: Piece };

/** Changes rows where they lie: each segment or block is written once, when the edit is saved. */
export interface Edit {
  find(series: number, atMs: number): EditedRow | undefined;
  touch(found: EditedRow): void;
  add(rows: Rows, row: number): void;
  drop(found: EditedRow): void;
  save(): void;
}

interface Changed {
  piece: Piece;
  rows: Rows;
  dropped: Set<number>;
}

/** Opens an edit, to be saved in the same transaction; `add` takes rows of one `Rows` only. */
export function openEdit(storage: Storage): Edit {
  const lookup = createLookup(storage);
  const changed = new Map<string, Changed>();
  const added = new Map<string, EditedRow>();
  const changesOf = (piece: Piece, rows: Rows): Changed => {
    const name = `${piece.kind} ${piece.id}`;
    const known = changed.get(name) ?? { piece, rows, dropped: new Set() };
    changed.set(name, known);
    return known;
  };
  return {
    find(series, atMs) {
      const fresh = added.get(`${series} ${atMs}`);
      if (fresh) return fresh;
      const found = lookup.find(series, atMs);
      const isDropped = found && changed.get(`${found.piece.kind} ${found.piece.id}`)?.dropped.has(found.row);
      return isDropped ? undefined : found;
    },
    touch({ piece, rows }) {
      if (piece) changesOf(piece, rows);
    },
    add: (rows, row) => void added.set(`${rows.series[row]} ${rows.atMs[row]}`, { rows, row }),
    drop({ piece, rows, row }) {
      if (piece) changesOf(piece, rows).dropped.add(row);
      else added.delete(`${rows.series[row]} ${rows.atMs[row]}`);
    },
    save() {
      for (const { piece, rows, dropped } of changed.values()) {
        const kept = Uint32Array.from(rows.series.keys()).filter((row) => !dropped.has(row));
        storage.replace(piece, dropped.size === 0 ? rows : takeRows(rows, kept));
      }
      const [first] = added.values();
      if (!first) return;
      const places = Uint32Array.from(added.values(), ({ row }) => row);
      const order = seriesOrder(takeRows(first.rows, places));
      insertSegments(
        storage,
        first.rows,
        order.map((place) => places[place]!),
      );
    },
  };
}
