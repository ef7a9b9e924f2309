import { isRondeError, type StoredFrame } from '@ronde/contracts';
import type { Thread } from '@ronde/kit';
import { MAX_BATCH_FRAMES } from './commit-queue.ts';
import { skipDamage } from './skip-damage.ts';
import { decodeBatch, type EncodedBatch } from './frame-codec.ts';
import type { Inbox } from './port.ts';
import type { Reader } from './reader-thread.ts';
import type { Recent } from './recent.ts';

export interface ReadsOptions {
  reader: Thread<Reader>;
  recent: Recent;
  head(): number;
  onCorrupt(seqs: number[]): void;
}
interface Query {
  fetch(after: number): Promise<EncodedBatch[]>;
  fits(frame: StoredFrame): boolean;
}

/** The reading side: from memory close behind the head, else through the reader thread. */
export function createReads(options: ReadsOptions): Pick<Inbox, 'read' | 'get' | 'readSpan'> & { forget(): void } {
  const { reader, recent } = options;
  const decode = (batches: EncodedBatch[]): StoredFrame[] =>
    batches.flatMap((batch) => {
      const { frames, corruptSeqs } = decodeBatch(batch);
      if (corruptSeqs.length > 0) options.onCorrupt(corruptSeqs);
      return frames;
    });
  /** Reads on while whole answers turn out unreadable: a damaged stretch must not look like the end. */
  const collect = async (start: number, limit: number, query: Query): Promise<StoredFrame[]> => {
    for (let after = start; ;) {
      const batches = await query.fetch(after);
      if (batches.length === 0) return [];
      const frames = decode(batches).filter((frame) => frame.seq > after && query.fits(frame));
      if (frames.length > 0) return frames.slice(0, limit);
      after = batches.at(-1)!.lastSeq;
    }
  };
  /** A damaged page of the file must not end the way of all frames behind it. */
  const past = (after: number, frames: number): Promise<EncodedBatch[]> =>
    reader.call.after(after, frames).catch(async (thrown: unknown) => {
      if (!isRondeError(thrown, 'STORE_CORRUPT')) throw thrown;
      // the caller may have read the first half of a batch
      const half = await reader.call.holding(after).catch((): EncodedBatch[] => []);
      if (half[0] && half[0].lastSeq > after) return half;
      const found = await skipDamage({ after, head: options.head(), from: (seq) => reader.call.from(seq, frames) });
      options.onCorrupt(found.seqs);
      return found.batches;
    });
  // the first batch may begin with up to this many frames that the caller has already read
  const wanted = (limit: number): number => limit + MAX_BATCH_FRAMES;
  /** What the last read had decoded beyond its limit: a reader that goes on from there needs no batch twice. */
  let ahead: { after: number; frames: StoredFrame[] } = { after: -1, frames: [] };
  let erasures = 0;
  const give = (after: number, frames: StoredFrame[], limit: number): StoredFrame[] => {
    const given = frames.slice(0, limit);
    ahead = { after: given.at(-1)?.seq ?? after, frames: frames.slice(limit) };
    return given;
  };
  return {
    /** What was erased must not live on in memory. */
    forget() {
      erasures += 1;
      ahead = { after: -1, frames: [] };
    },
    async read(after, limit) {
      if (ahead.after === after && ahead.frames.length > 0) return give(after, ahead.frames, limit);
      const before = erasures;
      const frames = await collect(after, Infinity, {
        fits: () => true,
        async fetch(from) {
          if (from >= options.head()) return [];
          return recent.since(from, limit) ?? (await past(from, wanted(limit)));
        },
      });
      return erasures === before ? give(after, frames, limit) : frames.slice(0, limit);
    },
    async get(seq) {
      if (seq < 1 || seq > options.head()) return undefined;
      return decode(await reader.call.holding(seq)).find((frame) => frame.seq === seq);
    },
    readSpan: ({ fromMs, toMs, after = 0, limit }) =>
      collect(after, limit, {
        fits: (frame) => frame.receivedAtMs >= fromMs && frame.receivedAtMs < toMs,
        fetch: (from) => reader.call.span({ fromMs, toMs, after: from }, wanted(limit)),
      }),
  };
}
