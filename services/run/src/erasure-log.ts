import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ErasureRecord } from '@ronde/contracts';
import { nameOfErasure, type ErasureLog } from '@ronde/ingest';
import type { Shipping } from '@ronde/inbox';

/** The file in DATA_DIR that a restore leaves as it is: one JSON object a line, without names. */
const erasureFile = (dataDir: string): string => join(dataDir, 'erasures.jsonl');

/** Keeps the records in DATA_DIR and, where there is one, at the second place, so that they outlast the disk. */
export function openErasureLog(dataDir: string, shipping?: Pick<Shipping, 'keepErasure'>): ErasureLog {
  return {
    all: () => readErasures(dataDir),
    async add(record) {
      await addErasures(dataDir, [record]);
      await shipping?.keepErasure(`${nameOfErasure(record)}.json`, JSON.stringify(record));
    },
  };
}

/** Adds records that the file does not hold yet; durable when it resolves. */
export async function addErasures(dataDir: string, records: readonly ErasureRecord[]): Promise<void> {
  const known = new Set((await readErasures(dataDir)).map((record) => JSON.stringify(record)));
  const lines = records.map((record) => JSON.stringify(record)).filter((line) => !known.has(line));
  if (lines.length === 0) return;
  const file = erasureFile(dataDir);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const out = await open(file, 'a', 0o600);
  try {
    // begins a line of its own, also after one that a power cut left half
    await out.appendFile(lines.map((line) => `\n${line}\n`).join(''));
    await out.sync();
  } finally {
    await out.close();
  }
}

async function readErasures(dataDir: string): Promise<ErasureRecord[]> {
  const text = await readFile(erasureFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    const parsed = ErasureRecord.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
