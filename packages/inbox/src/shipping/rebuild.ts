import { existsSync } from 'node:fs';
import { RondeError } from '@ronde/contracts';
import { lineOf, openFile, openStore, prepareDirectory, setLine, storeFile, takeLock } from '../store.ts';
import { decodeSegment } from './segment.ts';
import { NOTES, openTarget, type S3Credentials, type ShipTarget } from './target.ts';

/** What a second place gave back. */
export interface Rebuilt {
  line: string;
  segments: number;
  /** Frames added to what the inbox held already. */
  frames: number;
  head: number;
  /** Segments that were not whole; their frames are missing. */
  damaged: string[];
  /** Records of erasures kept there. */
  erasures: string[];
}
export interface RebuildOptions {
  dir: string;
  url: string;
  s3?: Partial<S3Credentials>;
  /** Which inbox, where the second place holds several. */
  line?: string | undefined;
}

/**
 * Brings an inbox up to what was shipped: a new one, or one from a backup of the same line, which it continues.
 * @throws (by rejection) RondeError CONFIG_INVALID when it is not clear which inbox is meant, DATA_DIR_LOCKED when it is open
 */
export async function rebuildInbox({ dir, url, s3, line: wanted }: RebuildOptions): Promise<Rebuilt> {
  const target = openTarget(url, s3);
  const isNew = !existsSync(storeFile(dir));
  const line = await chooseLine(target, wanted ?? (isNew ? undefined : readLine(dir)));
  prepareDirectory(dir);
  const lock = takeLock(dir);
  const db = openStore(dir);
  try {
    if (isNew) setLine(db, line);
    else if (lineOf(db) !== line)
      throw new RondeError(
        'CONFIG_INVALID',
        `the inbox of this DATA_DIR is ${lineOf(db)}, not ${line}: begin with an empty DATA_DIR`,
      );
    const rebuilt: Rebuilt = { line, segments: 0, frames: 0, head: 0, damaged: [], erasures: [] };
    // what a backup holds of a seq is the same frame, unless it was erased since: what was shipped is newer
    const put = db.prepare('INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?, ?, ?)');
    const known = db.prepare('SELECT 1 FROM batches WHERE first_seq = ?');
    for (const name of await target.names(line)) {
      const segment = decodeSegment(await target.get(line, name));
      if (!segment) {
        rebuilt.damaged.push(name);
        continue;
      }
      rebuilt.segments += 1;
      db.exec('BEGIN IMMEDIATE');
      for (const { firstSeq, lastSeq, fromMs, toMs, blob } of segment.batches) {
        if (!known.get(firstSeq)) rebuilt.frames += lastSeq - firstSeq + 1;
        put.run(firstSeq, lastSeq, fromMs, toMs, blob.length, blob);
        rebuilt.head = lastSeq;
      }
      db.exec('COMMIT');
    }
    for (const name of await target.names(NOTES))
      rebuilt.erasures.push(Buffer.from(await target.get(NOTES, name)).toString());
    return rebuilt;
  } finally {
    db.close();
    lock.close();
  }
}

/** Tells why a second place cannot be reached; undefined when it answers. */
export async function probeSecondPlace(url: string, s3: Partial<S3Credentials>): Promise<string | undefined> {
  try {
    await openTarget(url, s3).lines();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Gives an inbox that was put back from a backup a line of its own, so that it overwrites nothing that was shipped. */
export function beginNewLine(dir: string): void {
  const db = openStore(dir);
  setLine(db, undefined);
  db.close();
}

function readLine(dir: string): string {
  const db = openFile(storeFile(dir), { timeout: 2_000, readOnly: true });
  try {
    return lineOf(db);
  } finally {
    db.close();
  }
}

async function chooseLine(target: ShipTarget, wanted: string | undefined): Promise<string> {
  const lines = (await target.lines()).filter((name) => name !== NOTES);
  if (wanted !== undefined && lines.includes(wanted)) return wanted;
  const known = lines.join(', ');
  if (wanted !== undefined)
    throw new RondeError('CONFIG_INVALID', `nothing was shipped of inbox ${wanted}; there: ${known}`);
  if (lines.length === 1) return lines[0]!;
  throw new RondeError(
    'CONFIG_INVALID',
    lines.length === 0
      ? 'the second place holds no segments'
      : `the second place holds ${lines.length} inboxes; choose one with --line: ${known}`,
  );
}
