import type { Quantity, Reading, ReadingKey, RollupPoint, RollupStep } from '@ronde/contracts';
import type { HealthReport } from '@ronde/kit';

/**
 * Names an uplink. `mustBeNew`: the whole batch is refused (UPLINK_TAKEN) when the key is kept already, so that of two processes
 * that handle copies of one uplink at the same moment only one stores it; engines of one process only need not look.
 */
export interface UplinkKey {
  key: string;
  receivedAtMs: number;
  mustBeNew?: boolean;
}

/** What the pipeline commits in one transaction. */
export interface ReadingBatch {
  tenant: string;
  readings: Reading[];
  /** Keys of uplinks handled in this batch, for duplicates later on. */
  uplinkKeys?: UplinkKey[];
  /** The sink's place in the inbox, moved in the same transaction. */
  cursor?: { name: string; seq: number };
  /**
   * Told of readings that the store can never take, before the cursor moves past them: the others are stored. Without
   * it, and one such reading, the batch is refused (INPUT_INVALID); a store whose server found it by storing the others
   * has them then.
   */
  refused?: (refusals: Refusal[]) => Promise<void>;
}

/** A reading that the store can never take, however often it is tried, and why. */
export interface Refusal {
  reading: Reading;
  reason: string;
}

/** For each reading of the batch, in its order: stored for the first time, or already there (same device, chamber, quantity, at). */
export interface AppendResult {
  stored: boolean[];
}

/** What decoding frames again puts in the place of what they gave before. */
export interface CorrectionBatch {
  tenant: string;
  /** As they should stand. */
  readings: Reading[];
  /** What should not be there; taken away only while it is still that uplink's. */
  remove: (ReadingKey & { uplinkId: string })[];
  /** The replay's place in the inbox, moved in the same transaction: a replay that was killed goes on from there. */
  cursor?: { name: string; seq: number };
}

export interface CorrectionResult {
  /** For each reading, in its order; `same`: it says what is stored, or another uplink's stands there. */
  outcomes: ('added' | 'changed' | 'same')[];
  /** For each key of `remove`, in its order: whether there was such a reading. */
  removed: boolean[];
}

export interface SeriesQuery {
  tenant: string;
  assetId?: string;
  deviceId?: string;
  chamber?: string;
  quantity?: Quantity;
  /** Measured at or after this moment … */
  fromMs: number;
  /** … and before this one. */
  toMs: number;
  limit: number;
  /** Continue after this position: `${atMs}.${rowid-like}` as given in `next`. */
  after?: string;
  /** Newest first when true. */
  descending?: boolean;
}

export interface LastValuesQuery {
  tenant: string;
  assetIds?: string[];
  deviceIds?: string[];
  quantity?: Quantity;
}

export interface RollupQuery {
  tenant: string;
  assetId?: string;
  deviceId?: string;
  chamber?: string;
  quantity: Quantity;
  step: RollupStep;
  fromMs: number;
  toMs: number;
}

/** An hour whose readings retention took away. */
export interface GoneHour extends Pick<ReadingKey, 'deviceId' | 'chamber' | 'quantity'> {
  tenant: string;
  assetId: string | null;
  fromMs: number;
  min: number;
  max: number;
  sum: number;
  count: number;
}
/** A part of a copy. */
export interface CopyBatch extends ReadingBatch {
  /** Comes after all readings: what is left of those that are gone, and how far back each quantity goes. */
  gone?: { hours: GoneHour[]; floors: Partial<Record<Quantity, number>> };
}
export type TakeBatch = (batch: CopyBatch) => Promise<void>;
export interface LoadOptions {
  /** Puts what is loaded in the place of what is there; else a store that holds something is refused. */
  replace?: boolean;
}

/**
 * Readings store.
 * Ordering: readings may come late and in any order; "last" is by measurement time `at`, never by arrival.
 * Idempotence: (deviceId, chamber, quantity, at) identifies a reading; the first one stored wins, a second changes nothing.
 * Quality: `invalid` readings, and those without a value, are kept in the series but never become last values nor enter rollups.
 * Units: values are kept in the catalogue's unit; others are converted, and refused (INPUT_INVALID) when they cannot be.
 * Correction: only `correct` changes or removes what is stored.
 * Atomicity: readings, last values, hourly and daily rollups, uplink keys and cursor of a batch commit together or not at all.
 * Errors: READINGS_UNREACHABLE (retriable) when the store cannot take or give data.
 */
export interface ReadingsStore {
  append(batch: ReadingBatch): Promise<AppendResult>;
  /**
   * Puts readings in the place of those stored under the same identity and uplink, adds those that are missing, takes
   * others away. What says the same (provenance flags aside, see `saysTheSame`) stays untouched. A replaced reading
   * gets value, quality, flags and typeVersion of the new one and the flag CORRECTED; identity, asset, receivedAt and
   * uplink stay. Last values and rollups follow in the same transaction, as if the readings had been so from the start.
   * Idempotent: a second time changes nothing.
   */
  correct(batch: CorrectionBatch): Promise<CorrectionResult>;
  /** A sink's or replay's place in the inbox; 0 at first. */
  cursor(name: string): Promise<number>;
  /** Uplink keys seen since a moment, newest last; to warm the duplicate check after a start. Kept for three days at least. */
  uplinkKeysSince(sinceMs: number): Promise<string[]>;
  /** Which of these keys were handled before. */
  knownUplinkKeys(keys: string[]): Promise<Set<string>>;
  /**
   * Last values by measurement time, per (asset, chamber, quantity), or per device where a reading has no asset; of two
   * in one millisecond, the greater device id. `deviceIds` keeps those that are still a device's own.
   */
  lastValues(query: LastValuesQuery): Promise<Reading[]>;
  series(query: SeriesQuery): Promise<{ items: Reading[]; next?: string }>;
  /** Whole hours or days (UTC) that overlap from…to, oldest first; steps without readings are left out. */
  rollup(query: RollupQuery): Promise<RollupPoint[]>;
  /** How many readings of a tenant were measured at or after a moment. */
  countSince(tenant: string, sinceMs: number): Promise<number>;
  stats(): Promise<{ readings: number; newestAtMs: number | null; bytes: number }>;
  /** Whether the last call came through. */
  health(): HealthReport;
  /**
   * Gives everything as batches that make the same store when an empty one loads them. Only for copies: an
   * engine that cannot read while others write (SQLite) gives one moment only while nobody writes.
   */
  dump(take: TakeBatch): Promise<void>;
  /**
   * Fills an empty store with what another one gives: `to.load((take) => from.dump(take))`.
   * @throws RondeError RESOURCE_EXISTS when it holds something already
   */
  load(fill: (take: TakeBatch) => Promise<void>, options?: LoadOptions): Promise<void>;
  /**
   * Takes away, between appends, the readings of these quantities that were measured before these moments (cut to the
   * hour), and gives how many went. Their hours and days stay; last values that old go. From then on older readings are
   * not stored any more (`stored: false`, `same`), so that no replay brings them back. Idempotent; broken off, it goes on
   * when called again.
   */
  expire?(before: Partial<Record<Quantity, number>>): Promise<number>;
  /** Leaves nothing of what `correct` or `expire` took away in the store's own files; its server's are the server's. */
  scrub?(): Promise<void>;
  /** Brings all readings into compact form now, where a store has one and otherwise waits until a day is settled. */
  compact?(): Promise<void>;
  /** Writes one new SQLite file that holds everything committed so far; appends and queries go on meanwhile. */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}
