import { RondeError } from '@ronde/contracts';
import { serveThread } from '@ronde/kit/thread';
import { MAX_BATCH_FRAMES } from '../commit-queue.ts';
import { blankFrames } from '../frame-codec.ts';
import { lineOf, openFile, storeFile } from '../store.ts';
import { decodeSegment, encodeSegment, type ShippedBatch } from './segment.ts';
import { NOTES, openTarget, type S3Credentials } from './target.ts';

/** A segment grows by being written anew until it is this long: a quiet city makes few objects. */
const SEGMENT_BYTES = 1024 * 1024;
const PASS_BYTES = 8 * 1024 * 1024;
const PASSES = 8;

export interface ShipData {
  dir: string;
  url: string;
  s3: Partial<S3Credentials>;
}
/** How far the second place is. */
export interface Shipped {
  seq: number;
  segments: number;
  /** Frames that the inbox dropped before they could be shipped. */
  skipped: number;
  /** Folders of other inboxes at the second place. */
  otherLines: string[];
}

/** Reads committed batches through a connection of its own and writes them to the second place: commits never wait for it. */
function openShipper({ dir, url, s3 }: ShipData) {
  const db = openFile(storeFile(dir), { timeout: 2_000, readOnly: true });
  const line = lineOf(db);
  const target = openTarget(url, s3);
  const after = db.prepare(
    'SELECT first_seq, last_seq, from_ms, to_ms, blob FROM batches WHERE first_seq > ? AND last_seq > ? ORDER BY first_seq',
  );
  const ends = db.prepare('SELECT (SELECT head FROM state) kept, max(last_seq) head, min(first_seq) tail FROM batches');
  const shipped: Shipped = { seq: 0, segments: 0, skipped: 0, otherLines: [] };
  let firsts: number[] | undefined;
  let growing: ShippedBatch[] = [];

  const bounds = (): { head: number; tail: number } => {
    const row = ends.get()!;
    const head = Math.max(Number(row['kept']), Number(row['head'] ?? 0));
    return { head, tail: Number(row['tail'] ?? head + 1) };
  };
  /** The second place itself says how far it is: no cursor beside it could be wrong. */
  const resume = async (): Promise<number[]> => {
    const found = (await target.names(line)).map(seqOf);
    shipped.otherLines = (await target.lines()).filter((other) => other !== line && other !== NOTES);
    growing = [];
    const last = found.at(-1);
    if (last === undefined) shipped.seq = bounds().tail - 1;
    else {
      growing = decodeSegment(await target.get(line, nameOf(last)))?.batches ?? [];
      shipped.seq = growing.at(-1)?.lastSeq ?? last - 1;
    }
    if (shipped.seq > bounds().head)
      throw new RondeError(
        'CONFIG_INVALID',
        `INBOX_SHIP_URL holds newer frames of this inbox (up to ${shipped.seq}) than the inbox itself (${bounds().head}): an older copy of DATA_DIR runs here, or two do`,
      );
    return found;
  };
  const pass = async (known: number[]): Promise<boolean> => {
    const batches = nextBatches();
    const first = batches[0];
    if (!first) return false;
    // the first frame of an inbox may have any number
    if (known.length > 0) shipped.skipped += Math.max(0, first.firstSeq - shipped.seq - 1);
    if (sizeOf(growing) >= SEGMENT_BYTES || growing.at(-1)?.lastSeq !== first.firstSeq - 1) growing = [];
    const grown = [...growing, ...batches];
    const name = grown[0]!.firstSeq;
    await target.put(line, nameOf(name), encodeSegment(line, grown));
    if (known.at(-1) !== name) known.push(name);
    growing = grown;
    shipped.seq = grown.at(-1)!.lastSeq;
    return true;
  };
  const nextBatches = (): ShippedBatch[] => {
    const batches: ShippedBatch[] = [];
    let bytes = 0;
    for (const row of after.iterate(shipped.seq - MAX_BATCH_FRAMES, shipped.seq)) {
      const [firstSeq, lastSeq] = [Number(row['first_seq']), Number(row['last_seq'])];
      const blob = row['blob'] as Uint8Array;
      batches.push({ firstSeq, lastSeq, fromMs: Number(row['from_ms']), toMs: Number(row['to_ms']), blob });
      bytes += blob.length;
      if (bytes >= PASS_BYTES) break;
    }
    return batches;
  };
  /** Drops segments whose last frame the inbox no longer keeps: a segment ends where the next one begins. */
  const prune = async (known: number[]): Promise<void> => {
    const { tail } = bounds();
    while (known.length > 1 && known[1]! <= tail) {
      await target.remove(line, nameOf(known[0]!));
      known.shift();
    }
  };
  const step = async (): Promise<Shipped> => {
    firsts ??= await resume();
    for (let count = 0; count < PASSES && (await pass(firsts)); count++);
    await prune(firsts);
    return { ...shipped, segments: firsts.length };
  };
  /** Writes the segments that hold these frames anew without them. */
  const erase = async (seqs: number[]): Promise<number> => {
    const known = (firsts ??= await resume());
    const wanted = new Set(seqs);
    let rewritten = 0;
    for (const [index, first] of known.entries()) {
      const end = known[index + 1] ?? Infinity;
      if (!seqs.some((seq) => seq >= first && seq < end)) continue;
      const segment = decodeSegment(await target.get(line, nameOf(first)));
      // one that is not whole says nothing, and may say it still: it goes
      if (!segment) {
        await target.remove(line, nameOf(first));
        continue;
      }
      const batches = segment.batches.map((batch) => ({ ...batch, blob: blankFrames(batch, wanted) ?? batch.blob }));
      if (batches.every(({ blob }, at) => blob === segment.batches[at]!.blob)) continue;
      await target.put(line, nameOf(first), encodeSegment(line, batches));
      if (growing[0]?.firstSeq === first) growing = batches;
      rewritten += 1;
    }
    return rewritten;
  };
  // one after the other: a segment that grows must not bring back what was just erased from it
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    step: (): Promise<Shipped> => inTurn(step),
    erase: (seqs: number[]): Promise<number> => inTurn(() => erase(seqs)),
    /** Keeps a text beside the lines, such as what must be erased from backups. */
    keep: (name: string, text: string): Promise<void> => target.put(NOTES, name, Buffer.from(text)),
    line: (): string => line,
    close: (): void => db.close(),
  };
}
export type Shipper = ReturnType<typeof openShipper>;

export const nameOf = (firstSeq: number): string => `${String(firstSeq).padStart(16, '0')}.segment`;
const seqOf = (name: string): number => Number.parseInt(name, 10);

function sizeOf(batches: readonly ShippedBatch[]): number {
  return batches.reduce((sum, { blob }) => sum + blob.length, 0);
}

serveThread(openShipper);
