import type { EncodedBatch } from './frame-codec.ts';

/** The newest committed batches, so that a reader close behind the head needs no disk. */
export interface Recent {
  push(batch: EncodedBatch): void;
  /** Forgets batches that end below `tail`: what was pruned must not live on in memory. */
  dropBelow(tail: number): void;
  /** Forgets everything: what was erased must not live on in memory. */
  clear(): void;
  /** Batches that hold the next `frames` seqs above `after`; undefined when some are no longer in memory. */
  since(after: number, frames: number): EncodedBatch[] | undefined;
}

/** Keeps batches up to a number of bytes. */
export function createRecent(maxBytes: number): Recent {
  const batches: EncodedBatch[] = [];
  let bytes = 0;
  return {
    push(batch) {
      batches.push(batch);
      bytes += batch.blob.length;
      while (bytes > maxBytes && batches.length > 1) bytes -= batches.shift()!.blob.length;
    },
    dropBelow(tail) {
      while (batches[0] && batches[0].lastSeq < tail) bytes -= batches.shift()!.blob.length;
    },
    clear() {
      batches.length = 0;
      bytes = 0;
    },
    since(after, frames) {
      const oldest = batches[0];
      if (!oldest || oldest.firstSeq > after + 1) return undefined;
      const start = batches.findLastIndex((batch) => batch.firstSeq <= after + 1);
      let end = start;
      while (end < batches.length && batches[end]!.firstSeq <= after + frames) end += 1;
      return batches.slice(start, end);
    },
  };
}
