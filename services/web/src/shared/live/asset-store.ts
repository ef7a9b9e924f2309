import type { Asset, AssetTuple } from '@ronde/contracts';
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';

/** Codes of `quality` in the store's bytes. */
export const QUALITIES = ['ok', 'suspect', 'invalid', 'censored'] as const;
const NO_QUALITY = 255;

/** Everything known of one asset now, read on demand from the columns. */
export interface AssetRow {
  asset: Asset;
  fill: number | null;
  atMs: number | null;
  quality: (typeof QUALITIES)[number] | null;
  silent: boolean;
}

/**
 * All assets of the tenant, outside the framework: static documents by dense index, live values in columns.
 * Screens read columns; only rows that are on the screen hold a signal.
 */
export interface AssetStore {
  /** Adds or replaces documents; keeps a live value that is newer than the document's. */
  load(assets: readonly Asset[]): void;
  /** Applies tuples of a snapshot or delta; ids not loaded yet wait for their document. */
  apply(tuples: readonly AssetTuple[]): void;
  /** Takes assets away; their indexes stay and are never given to others. */
  remove(ids: readonly string[]): void;
  isGone(index: number): boolean;
  /** Ids that have a live value but no document yet: fetch them. */
  missing(): string[];
  /** Indexes in use, those taken away included. */
  count(): number;
  indexOf(id: string): number | undefined;
  asset(index: number): Asset;
  row(index: number): AssetRow;
  /** Name, id and address in lower case. */
  searchText(index: number): string;
  /** Fill per index, NaN = unknown. The array may be replaced when the store grows: read it anew each time. */
  fill(): Float32Array;
  /** Time of measurement per index, ms since 1970, NaN = never. */
  measuredAt(): Float64Array;
  /** 1 = silent, per index. */
  silent(): Uint8Array;
  /** A number that changes when this row does; for rows on the screen. */
  watch(index: number): ReadonlySignal<number>;
  /** Changes at most once per flush, after any row did. */
  revision: ReadonlySignal<number>;
  /** Changes when documents were added: indexes are stable, lists must be rebuilt. */
  documents: ReadonlySignal<number>;
  /** Calls with the indexes that changed, once per flush. */
  onChange(listener: (indexes: readonly number[]) => void): () => void;
}

/** @param schedule runs a flush soon, once for many changes: an animation frame in browsers, at once in tests */
export function createAssetStore(schedule: (flush: () => void) => void): AssetStore {
  const assets: Asset[] = [];
  const indexById = new Map<string, number>();
  const early = new Map<string, AssetTuple>();
  const gone = new Set<number>();
  const texts: string[] = [];
  const watched = new Map<number, Signal<number>>();
  const listeners = new Set<(indexes: readonly number[]) => void>();
  const revision = signal(0);
  const documents = signal(0);
  const dirty = new Set<number>();
  let isScheduled = false;
  let columns = allocate(1024);

  function flush(): void {
    isScheduled = false;
    const indexes = [...dirty];
    dirty.clear();
    for (const index of indexes) {
      const row = watched.get(index);
      if (row) row.value += 1;
    }
    for (const listener of listeners) listener(indexes);
    revision.value += 1;
  }
  function touch(index: number): void {
    dirty.add(index);
    if (isScheduled) return;
    isScheduled = true;
    schedule(flush);
  }
  function write(index: number, tuple: AssetTuple): void {
    const [, fill, atMs, quality, silent] = tuple;
    columns.fill[index] = fill ?? Number.NaN;
    columns.atMs[index] = atMs ?? Number.NaN;
    columns.quality[index] = quality === null ? NO_QUALITY : qualityCode(quality);
    columns.silent[index] = silent;
    touch(index);
  }
  function add(asset: Asset): void {
    const known = indexById.get(asset.id);
    const index = known ?? assets.length;
    assets[index] = asset;
    texts[index] = `${asset.name} ${asset.id} ${asset.address ?? ''}`.toLocaleLowerCase();
    gone.delete(index);
    indexById.set(asset.id, index);
    if (index >= columns.fill.length) columns = grow(columns);
    const fromDocument = tupleOf(asset);
    const waiting = early.get(asset.id);
    early.delete(asset.id);
    if (waiting) write(index, waiting);
    else if (known === undefined || !((columns.atMs[index] ?? 0) > (fromDocument[2] ?? 0))) write(index, fromDocument);
    else touch(index);
  }

  return {
    load(loaded) {
      for (const asset of loaded) add(asset);
      documents.value += 1;
    },
    apply(tuples) {
      for (const tuple of tuples) {
        const index = indexById.get(tuple[0]);
        if (index === undefined) early.set(tuple[0], tuple);
        else write(index, tuple);
      }
    },
    remove(ids) {
      for (const id of ids) {
        const index = indexById.get(id);
        early.delete(id);
        if (index === undefined) continue;
        gone.add(index);
        touch(index);
      }
      documents.value += 1;
    },
    isGone: (index) => gone.has(index),
    missing: () => [...early.keys()],
    count: () => assets.length,
    indexOf: (id) => indexById.get(id),
    asset: (index) => assets[index] as Asset,
    row(index) {
      const fill = columns.fill[index] as number;
      const atMs = columns.atMs[index] as number;
      return {
        asset: assets[index] as Asset,
        fill: Number.isNaN(fill) ? null : fill,
        atMs: Number.isNaN(atMs) ? null : atMs,
        quality: QUALITIES[columns.quality[index] as number] ?? null,
        silent: columns.silent[index] === 1,
      };
    },
    searchText: (index) => texts[index] ?? '',
    fill: () => columns.fill,
    measuredAt: () => columns.atMs,
    silent: () => columns.silent,
    watch(index) {
      let row = watched.get(index);
      if (!row) {
        row = signal(0, { unwatched: () => watched.delete(index) });
        watched.set(index, row);
      }
      return row;
    },
    revision,
    documents,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface Columns {
  fill: Float32Array<ArrayBuffer>;
  atMs: Float64Array<ArrayBuffer>;
  quality: Uint8Array<ArrayBuffer>;
  silent: Uint8Array<ArrayBuffer>;
}

function allocate(capacity: number): Columns {
  return {
    fill: new Float32Array(capacity).fill(Number.NaN),
    atMs: new Float64Array(capacity).fill(Number.NaN),
    quality: new Uint8Array(capacity).fill(NO_QUALITY),
    silent: new Uint8Array(capacity),
  };
}

function grow(old: Columns): Columns {
  const grown = allocate(old.fill.length * 2);
  grown.fill.set(old.fill);
  grown.atMs.set(old.atMs);
  grown.quality.set(old.quality);
  grown.silent.set(old.silent);
  return grown;
}

function qualityCode(quality: string): number {
  const code = QUALITIES.indexOf(quality as (typeof QUALITIES)[number]);
  return code === -1 ? NO_QUALITY : code;
}

function tupleOf({ id, state }: Asset): AssetTuple {
  const atMs = state.at === null ? null : Date.parse(state.at);
  return [id, state.fill, atMs, state.quality, state.silent ? 1 : 0];
}
