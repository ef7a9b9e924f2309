import { join } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { INFLUX_JOURNAL_FILE, type ReadingsOptions } from '../../open.ts';
import type { ReadingsStore } from '../../port.ts';
import { createAppend } from './append.ts';
import { createConnection } from './connection.ts';
import { createCorrect } from './correct.ts';
import { openJournal } from './journal.ts';
import { createKeptSteps } from './kept-steps.ts';
import { createOutbox } from './outbox.ts';
import { createReads } from './read.ts';
import { createTransfer } from './transfer.ts';
import { backupTo } from '../backup-file.ts';

const PING_EVERY_MS = 1_000;

/** Opens a readings store in InfluxDB 2, with its journal in DATA_DIR. It need not answer yet. */
export async function openInfluxReadings(
  url: string,
  { dataDir, log, influx }: ReadingsOptions,
): Promise<ReadingsStore> {
  const { token, org, bucket } = influx ?? {};
  if (!token || !org || !bucket)
    throw new RondeError(
      'CONFIG_INVALID',
      'READINGS_URL names an InfluxDB: set INFLUX_TOKEN, INFLUX_ORG and INFLUX_BUCKET',
    );
  const connection = createConnection({ url, token, org, bucket, log, ...pick(influx?.timeoutMs) });
  const journal = await openJournal(join(dataDir, INFLUX_JOURNAL_FILE));
  const outbox = createOutbox({ connection, journal, log });
  const parts = { connection, journal, outbox, isShared: influx?.isShared ?? false };
  const reads = createReads(connection, createKeptSteps(connection, influx?.retentionDays ?? 0));
  const bringOver = (): Promise<void> => outbox.settleOld().catch(() => undefined);
  await bringOver();
  // whoever asks whether all is well must not have to wait for the next batch
  let watching = false;
  const watch = async (): Promise<void> => {
    if (watching) return;
    watching = true;
    await connection.ping().then(bringOver, () => undefined);
    watching = false;
  };
  const timer = setInterval(() => void watch(), PING_EVERY_MS).unref();
  log.info({ host: new URL(url).host, org, bucket, ...journal.totals() }, 'readings.store.open');
  const append = createAppend(parts);
  const store: ReadingsStore = {
    ...reads,
    ...createTransfer({ ...parts, ...reads, append, log }),
    append,
    correct: createCorrect(parts),
    scrub: journal.scrub,
    cursor: (name) => Promise.resolve(journal.cursor(name)),
    uplinkKeysSince: journal.uplinkKeysSince,
    knownUplinkKeys: async (keys) => new Set(await journal.knownUplinkKeys(keys)),
    stats: async () => ({ ...journal.totals(), bytes: await journal.bytes() }),
    health() {
      const detail = connection.trouble();
      return detail === undefined ? { ok: true } : { ok: false, detail };
    },
    backup: (file) => backupTo(file, store),
    async close() {
      clearInterval(timer);
      await outbox.idle();
      connection.close();
      await journal.close();
    },
  };
  return store;
}

function pick(timeoutMs: number | undefined): { timeoutMs?: number } {
  return timeoutMs === undefined ? {} : { timeoutMs };
}
