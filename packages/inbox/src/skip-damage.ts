import { isRondeError } from '@ronde/contracts/errors';
import type { EncodedBatch } from './frame-codec.ts';

export interface Damage {
  /** Everything up to here was read. */
  after: number;
  head: number;
  /** Batches that begin above a seq. @throws (by rejection) RondeError STORE_CORRUPT when it meets a damaged page */
  from(seq: number): Promise<EncodedBatch[]>;
}

/**
 * Finds what can be read behind a damaged page, and the seqs that are lost in it: ever longer strides until reading works,
 * then halves between the last that failed and the first that worked. No batches when nothing up to the head can be read.
 */
export async function skipDamage({ after, head, from }: Damage): Promise<{ batches: EncodedBatch[]; seqs: number[] }> {
  const attempt = (seq: number): Promise<EncodedBatch[] | undefined> =>
    from(seq).catch((thrown: unknown) => {
      if (isRondeError(thrown, 'STORE_CORRUPT')) return undefined;
      throw thrown;
    });
  let bad = after - 1;
  let good = after;
  let batches = await attempt(good);
  for (let stride = 1; batches === undefined && good < head; stride *= 2) {
    bad = good;
    good = Math.min(head, after + stride);
    batches = await attempt(good);
  }
  while (batches !== undefined && good - bad > 1) {
    const middle = bad + Math.floor((good - bad) / 2);
    const found = await attempt(middle);
    if (found) [good, batches] = [middle, found];
    else bad = middle;
  }
  const next = batches?.[0]?.firstSeq ?? head + 1;
  const seqs = Array.from({ length: Math.max(0, next - after - 1) }, (_, index) => after + 1 + index);
  return { batches: batches ?? [], seqs };
}
