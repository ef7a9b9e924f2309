import type { Frame, StoredFrame } from '@ronde/contracts';

/** How many frames one of several workers may number: worker n counts from n times this on, and all stay below 2^53. */
export const FRAMES_PER_WORKER = 2 ** 40;

export interface InboxStats {
  /** Highest committed seq; 0 when empty. */
  head: number;
  /** Lowest seq still kept. */
  tail: number;
  frames: number;
  bytes: number;
  /** Frames handed in and not yet committed. */
  waiting: number;
  /** How long the last commit took. */
  lastCommitMs: number;
  commits: number;
  /** Frames that could not be read back because their checksum does not fit; they are skipped. */
  corrupt: number;
  /** Why nothing can be stored at this moment; undefined when all is well. */
  fault?: string | undefined;
}

/** How fast frames are taken in. */
export interface Pace {
  /** Gives how long the next commit has to wait [ms]. */
  waitMs(): number;
  /** Notes that a commit of so many frames begins. */
  taken(frames: number): void;
}

/**
 * Durable append log of raw frames.
 * Ordering: `append` calls get ascending seqs in call order; a frame is readable only after it is durable.
 * Failure: a rejected append (RondeError STORAGE_UNAVAILABLE) was not accepted and must not be acknowledged.
 * One process, one writer: a second open of the same directory rejects with DATA_DIR_LOCKED.
 */
export interface Inbox {
  /**
   * Appends frames that belong to one answer; resolves with the seq of the last one when all of them would survive a power
   * cut (group commit). When it rejects, some of several may be stored all the same: they are duplicates when sent again.
   */
  append(...frames: [Frame, ...Frame[]]): Promise<number>;
  /** Lets whoever handles the frames slow their intake down; without an argument, no more. */
  pace(pace?: Pace): void;
  /** Reads up to `limit` frames with seq > `after`, in order. */
  read(after: number, limit: number): Promise<StoredFrame[]>;
  get(seq: number): Promise<StoredFrame | undefined>;
  /** Reads frames of a time span, for replay. */
  readSpan(span: { fromMs: number; toMs: number; after?: number; limit: number }): Promise<StoredFrame[]>;
  /** Calls back (at most once per commit) when frames became readable; a listener must not throw. */
  onCommit(listener: (head: number) => void): () => void;
  /** Drops frames older than `beforeMs` or beyond `maxBytes`, never past `keepFromSeq` (what the sink has not read). */
  prune(limits: { beforeMs: number; maxBytes: number; keepFromSeq: number }): Promise<number>;
  /**
   * Erases the content of frames in place: they are never read again, and their seqs are not given to others. Idempotent.
   * @returns how many held something
   */
  erase(seqs: readonly number[]): Promise<number>;
  stats(): InboxStats;
  /** Writes a consistent copy to a file under load (VACUUM INTO). */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}
