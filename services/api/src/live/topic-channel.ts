import type { LiveTopic, Since } from '@ronde/contracts';

/** One topic's documents, its numbered deltas, and the recent ones kept for clients that come back. */
export interface TopicChannel {
  readonly topic: LiveTopic;
  readonly offset: number;
  /** True when something changed since the last delta. */
  readonly pending: boolean;
  /** Number of documents. */
  readonly size: number;
  /** Adds or replaces a document; nothing happens when it is the same as before. */
  set(key: string, document: unknown): void;
  /** Tells a document's last state; snapshots no longer have it. */
  finish(key: string, document: unknown): void;
  /** Takes a document away; clients hear of it. */
  remove(key: string): void;
  /** Closes the current delta: gives it serialised, once for all clients. */
  takeDelta(): Buffer | undefined;
  /** Everything as it is now, serialised once per offset. */
  snapshot(): Buffer;
  /** The deltas after a place, or undefined when they are not all kept. */
  missed(since: Since): Buffer[] | undefined;
}

export interface ChannelOptions {
  topic: LiveTopic;
  /** Names this run of the server; offsets of another epoch mean nothing here. */
  epoch: string;
  /** Field of the messages that carries documents. */
  field: 'u' | 'items';
  /** Most documents kept, the newest; absent = all. For streams that only grow. */
  keep?: number;
  /** Bounds of the kept deltas. */
  historyFrames?: number;
  historyBytes?: number;
}

const HISTORY_FRAMES = 1200;
const HISTORY_BYTES = 4 * 1024 * 1024;

/**
 * Creates a channel. Documents are serialised when they change, so that a snapshot of many clients or of a big city is a
 * join of strings; a delta carries the last value of each document that changed (coalesced), never two.
 */
export function createTopicChannel(options: ChannelOptions): TopicChannel {
  const { topic, epoch, field, keep } = options;
  const documents = new Map<string, string>();
  const changed = new Set<string>();
  const removed = new Set<string>();
  const finished = new Map<string, string>();
  const history = createHistory(options);
  let offset = 0;
  let cached: Buffer | undefined;
  const trim = (): void => {
    for (const key of documents.keys()) {
      if (keep === undefined || documents.size <= keep) return;
      documents.delete(key);
      changed.delete(key);
    }
  };
  return {
    topic,
    get offset() {
      return offset;
    },
    get pending() {
      return changed.size > 0 || removed.size > 0 || finished.size > 0;
    },
    get size() {
      return documents.size;
    },
    set(key, document) {
      const text = JSON.stringify(document);
      if (documents.get(key) === text) return;
      documents.set(key, text);
      changed.add(key);
      removed.delete(key);
      finished.delete(key);
      cached = undefined;
      trim();
    },
    finish(key, document) {
      documents.delete(key);
      changed.delete(key);
      removed.delete(key);
      finished.set(key, JSON.stringify(document));
      cached = undefined;
    },
    remove(key) {
      if (!documents.delete(key)) return;
      changed.delete(key);
      removed.add(key);
      cached = undefined;
    },
    takeDelta() {
      if (changed.size === 0 && removed.size === 0 && finished.size === 0) return undefined;
      offset += 1;
      const parts = [...[...changed].map((key) => documents.get(key)!), ...finished.values()];
      const gone = removed.size > 0 ? `,"removed":${JSON.stringify([...removed])}` : '';
      const text = `{"type":"delta","topic":"${topic}","offset":${offset},"${field}":[${parts.join(',')}]${gone}}`;
      changed.clear();
      removed.clear();
      finished.clear();
      cached = undefined;
      const frame = Buffer.from(text);
      history.push(offset, frame);
      return frame;
    },
    snapshot() {
      cached ??= Buffer.from(
        `{"type":"snap","topic":"${topic}","epoch":"${epoch}","offset":${offset},"${field}":[${[...documents.values()].join(',')}]}`,
      );
      return cached;
    },
    missed(since) {
      if (since.epoch !== epoch || since.offset > offset) return undefined;
      return history.after(since.offset, offset);
    },
  };
}

/** Recent deltas within bounds of number and bytes. */
function createHistory({ historyFrames = HISTORY_FRAMES, historyBytes = HISTORY_BYTES }: ChannelOptions) {
  let frames: { offset: number; frame: Buffer }[] = [];
  let bytes = 0;
  return {
    push(offset: number, frame: Buffer): void {
      frames.push({ offset, frame });
      bytes += frame.length;
      let drop = 0;
      while (frames.length - drop > historyFrames || (bytes > historyBytes && drop < frames.length - 1)) {
        bytes -= frames[drop]!.frame.length;
        drop += 1;
      }
      if (drop > 0) frames = frames.slice(drop);
    },
    after(place: number, newest: number): Buffer[] | undefined {
      if (place === newest) return [];
      const start = frames.findIndex((entry) => entry.offset === place + 1);
      return start < 0 ? undefined : frames.slice(start).map((entry) => entry.frame);
    },
  };
}
