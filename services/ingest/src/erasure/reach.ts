import type { ErasureRecord } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';

/** Which erasures this registry has been through, as versions before several workers noted it. */
const APPLIED = 'erasures.applied';
const LOOK_EVERY_MS = 250;

/** Frames by seq and time of receipt: in an inbox begun anew another frame has the seq. */
export type FrameNames = [seq: number, receivedAtMs: number][];

/** A record, and the frames that only whoever began the erasure could name. */
export interface Due {
  record: ErasureRecord;
  frames: FrameNames;
}

/** The records of erasures, outside what a backup brings back. */
export interface ErasureLog {
  all(): Promise<ErasureRecord[]>;
  /** Durable when it resolves, at the second place too. */
  add(record: ErasureRecord): Promise<void>;
}

/** What ingest workers tell each other of erasures, by the registry; each has an inbox that no other can open. */
export interface Reach {
  /** Keeps a record for this worker, durably, and for the others. */
  announce(due: Due): Promise<void>;
  /** What this worker has not been through: begun by another, from before its backup, or cut off. */
  due(): Promise<Due[]>;
  done(record: ErasureRecord): Promise<void>;
  /** Who has been through it and who has not, once all have or the patience is over. */
  wait(record: ErasureRecord, patienceMs: number): Promise<{ reached: string[]; waiting: string[] }>;
}

/** Creates the reach of one worker of a tenant. */
export function createReach(parts: {
  registry: Pick<Registry, 'erasures' | 'ingestWorkers' | 'meta'>;
  log: ErasureLog;
  worker: string;
  tenant: string;
}): Reach {
  const { registry, log, worker, tenant } = parts;
  const markOf = (record: ErasureRecord, of = worker): string => `${nameOf(record)}:${of}`;

  async function reachOf(record: ErasureRecord): Promise<{ reached: string[]; waiting: string[] }> {
    const workers = (await registry.ingestWorkers.all(tenant)).map((one) => one.worker);
    const notes = new Set((await registry.erasures.all(tenant)).map(({ id }) => id));
    const known = [...new Set([worker, ...workers])];
    const hasBeen = (one: string): boolean => notes.has(markOf(record, one));
    return { reached: known.filter(hasBeen), waiting: known.filter((one) => !hasBeen(one)) };
  }

  return {
    async announce({ record, frames }) {
      // first the worker's own: an erasure that is cut off is finished at the next start
      await log.add(record);
      await registry.erasures.put(tenant, { id: nameOf(record), record, frames });
    },
    async due() {
      const notes = await registry.erasures.all(tenant);
      const own = new Set(notes.filter((note) => note.worker === worker).map(({ id }) => id));
      const before = new Set(JSON.parse((await registry.meta.get(APPLIED)) ?? '[]') as string[]);
      const found = new Map<string, Due>();
      const kept = await log.all();
      for (const record of kept) found.set(nameOf(record), { record, frames: [] });
      for (const { record, frames = [], worker: of } of notes)
        if (of === undefined) found.set(nameOf(record), { record, frames });
      const known = new Set(kept.map(nameOf));
      const due = [...found.values()].filter(
        ({ record }) => !own.has(markOf(record)) && !(known.has(nameOf(record)) && before.has(nameOf(record))),
      );
      // a restored DATA_DIR of this worker is held against its own records
      for (const { record } of due) if (!known.has(nameOf(record))) await log.add(record);
      return due;
    },
    async done(record) {
      await registry.erasures.put(tenant, { id: markOf(record), record, worker });
    },
    async wait(record, patienceMs) {
      const untilMs = performance.now() + patienceMs;
      for (;;) {
        const reach = await reachOf(record);
        if (reach.waiting.length === 0 || performance.now() > untilMs) return reach;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}

/** Names a record without a name: safe in file names too. */
export function nameOf({ hash, before }: ErasureRecord): string {
  return `${hash}-${Date.parse(before)}`;
}

/** Records that last as long as the process, for tests. */
export function memoryErasureLog(records: ErasureRecord[] = []): ErasureLog {
  return { all: async () => records, add: async (record) => void records.push(record) };
}
