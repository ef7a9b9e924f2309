import { createHash } from 'node:crypto';
import {
  RondeError,
  type DeadLetter,
  type ErasureInput,
  type ErasureRecord,
  type ErasureResult,
  type Reading,
  type StoredFrame,
  type UnknownDevice,
} from '@ronde/contracts';
import type { Inbox, Shipping } from '@ronde/inbox';
import type { Clock, Logger } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { Identified } from '../steps/item.ts';
import { seqOfLetter } from '../steps/ledger.ts';
import { createReach, type ErasureLog, type FrameNames } from './reach.ts';

const PAGE = 1_000;
const FRAMES_A_READ = 500;
const YEAR_MS = 366 * 86_400_000;
/** How long whoever asked waits for other workers; they go on without. */
const PATIENCE_MS = 6_000;

export interface ErasureParts {
  inbox: Pick<Inbox, 'read' | 'get' | 'erase' | 'stats'>;
  shipping?: Pick<Shipping, 'erase'> | undefined;
  readings: Pick<ReadingsStore, 'series' | 'correct' | 'scrub'>;
  registry: Pick<
    Registry,
    | 'devices'
    | 'assets'
    | 'deadLetters'
    | 'unknownDevices'
    | 'deviceMemories'
    | 'erasures'
    | 'ingestWorkers'
    | 'meta'
    | 'scrub'
  >;
  /** This process among the ingest workers. */
  worker: string;
  tenant: string;
  identify: (frames: readonly StoredFrame[]) => Promise<Identified[]>;
  /** Resolves when the batch that the pipeline has in hand is stored. */
  batchDone: () => Promise<void>;
  log: ErasureLog;
  clock: Clock;
  logger: Logger;
}
interface Target {
  tenant: string;
  kind: ErasureRecord['kind'];
  id: string;
  beforeMs: number;
  /** Frames that whoever began it named. */
  frames?: FrameNames;
}

/** Takes away what was measured, wherever it is kept. Every step may be repeated: an erasure that was cut off is run again. */
export interface Erasure {
  erase(tenant: string, input: ErasureInput): Promise<ErasureResult>;
  /**
   * Applies the erasures that this worker has not been through: another one began it, its stores came back from a backup,
   * or the last one was cut off.
   */
  catchUp(): Promise<number>;
}

export function createErasure(parts: ErasureParts): Erasure {
  const { inbox, shipping, readings, registry, clock, logger } = parts;
  const reach = createReach(parts);
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: two that look for the same would count it twice. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  /** Everything kept of it: found anew at each run, so what an earlier run took away is simply not there. */
  async function find(target: Target) {
    const found = { readings: [] as Reading[], seqs: new Set<number>(), elsewhere: [] as FrameNames };
    for (let after: string | undefined; ;) {
      const of = target.kind === 'device' ? { deviceId: target.id } : { assetId: target.id };
      // clocks of devices run ahead: by when it was received, not by when it says it was measured
      const span = { fromMs: 0, toMs: target.beforeMs + YEAR_MS, limit: PAGE };
      const page = await readings.series({ tenant: target.tenant, ...of, ...span, ...(after && { after }) });
      found.readings.push(...page.items.filter(({ receivedAt }) => Date.parse(receivedAt) < target.beforeMs));
      after = page.next;
      if (after === undefined) break;
    }
    for (const { uplinkId, receivedAt } of found.readings) {
      const name: FrameNames[number] = [Number.parseInt(uplinkId, 10), Date.parse(receivedAt)];
      // its devices' messages are found by device; those of an asset only by what they gave
      if (!(await noteFrame(found.seqs, name)) && target.kind === 'asset' && name[0] > 0) found.elsewhere.push(name);
    }
    for (const name of target.frames ?? []) await noteFrame(found.seqs, name);
    const letters = await lettersOf(target);
    for (const { id, receivedAt } of letters) await noteFrame(found.seqs, [seqOfLetter(id), Date.parse(receivedAt)]);
    if (target.kind === 'device') for (const seq of await framesOf(target)) found.seqs.add(seq);
    return { ...found, letters, unknown: await unknownOf(target) };
  }

  /** Notes a frame of this worker's inbox; false when it is not there, or another one in an inbox begun anew. */
  async function noteFrame(seqs: Set<number>, [seq, receivedAtMs]: FrameNames[number]): Promise<boolean> {
    if (!(seq > 0)) return false;
    if (seqs.has(seq)) return true;
    const isThere = (await inbox.get(seq))?.receivedAtMs === receivedAtMs;
    if (isThere) seqs.add(seq);
    return isThere;
  }

  async function lettersOf({ tenant, kind, id, beforeMs }: Target): Promise<DeadLetter[]> {
    if (kind !== 'device') return [];
    const letters = await registry.deadLetters.all(tenant, { deviceId: id });
    return letters.filter(({ receivedAt }) => Date.parse(receivedAt) < beforeMs);
  }

  async function unknownOf({ tenant, kind, id }: Target): Promise<UnknownDevice[]> {
    if (kind !== 'device') return [];
    const device = await registry.devices.get(tenant, id);
    const { devEui, imei, networkId } = device?.externalIds ?? {};
    const names = new Set([id, devEui, imei, networkId].filter((name) => name !== undefined));
    return (await registry.unknownDevices.all(tenant)).filter(({ name }) => names.has(name));
  }

  /** Reads the whole inbox: a message that gave no reading is nowhere else. */
  async function framesOf({ tenant, id, beforeMs }: Target): Promise<number[]> {
    const seqs: number[] = [];
    for (let after = inbox.stats().tail - 1; ;) {
      const frames = await inbox.read(after, FRAMES_A_READ);
      const last = frames.at(-1);
      if (!last) return seqs;
      after = last.seq;
      const own = frames.filter((frame) => frame.tenant === tenant && frame.receivedAtMs < beforeMs);
      // its own logins, readable or not; those of networks tell inside whom they are about
      for (const { origin, seq } of own) if (origin.kind === 'device' && origin.id === id) seqs.push(seq);
      for (const { device, frame } of own.length > 0 ? await parts.identify(own) : [])
        if (device.id === id) seqs.push(frame.seq);
    }
  }

  /**
   * The order keeps it repeatable: the second place first, while the inbox still tells which frames are meant; frames
   * before readings, so that neither the pipeline nor a replay makes them again.
   */
  async function run(target: Target): Promise<Omit<ErasureResult, 'dryRun' | 'before' | 'reached' | 'waiting'>> {
    const found = await find(target);
    const seqs = [...found.seqs];
    const segments = seqs.length > 0 ? ((await shipping?.erase(seqs)) ?? 0) : 0;
    const frames = await inbox.erase(seqs);
    await parts.batchDone();
    let removed = 0;
    // looked for again: the batch in hand may have stored some meanwhile
    for (let left = (await find(target)).readings; left.length > 0; left = (await find(target)).readings) {
      for (let from = 0; from < left.length; from += PAGE) {
        const remove = left.slice(from, from + PAGE).map(keyOf);
        await readings.correct({ tenant: target.tenant, readings: [], remove });
        removed += remove.length;
      }
    }
    const [letters, unknown] = [await lettersOf(target), await unknownOf(target)];
    for (const { id } of letters) await registry.deadLetters.delete(target.tenant, id);
    for (const { id } of unknown) await registry.unknownDevices.delete(target.tenant, id);
    if (target.kind === 'device') await registry.deviceMemories.delete(target.tenant, target.id);
    await readings.scrub?.();
    await registry.scrub?.();
    return {
      readings: removed,
      frames,
      deadLetters: letters.length,
      unknownDevices: unknown.length,
      segments,
    };
  }

  return {
    async erase(tenant, input) {
      const target = await targetOf(tenant, input);
      const before = new Date(target.beforeMs).toISOString();
      if (input.dryRun) {
        const { readings: rows, seqs, letters, unknown } = await find(target);
        const counts = { deadLetters: letters.length, unknownDevices: unknown.length, segments: 0 };
        return { dryRun: true, before, readings: rows.length, frames: seqs.size, ...counts, reached: [], waiting: [] };
      }
      const record = { kind: target.kind, hash: hashOf(target), before };
      const result = await inTurn(async () => {
        await reach.announce({ record, frames: (await find(target)).elsewhere });
        const done = await run(target);
        await reach.done(record);
        return done;
      });
      const workers = await reach.wait(record, PATIENCE_MS);
      logger.info({ hash: record.hash, ...result, ...workers }, 'ingest.erasure.done');
      return { dryRun: false, before, ...result, ...workers };
    },
    catchUp: () =>
      inTurn(async () => {
        const due = await reach.due();
        if (due.length === 0) return 0;
        const { tenant } = parts;
        const ids = {
          device: (await registry.devices.all(tenant)).map(({ id }) => id),
          asset: (await registry.assets.all(tenant)).map(({ id }) => id),
        };
        for (const { record, frames } of due) {
          const target = { tenant, kind: record.kind, beforeMs: Date.parse(record.before), frames };
          const id = ids[record.kind].find((one) => hashOf({ ...target, id: one }) === record.hash);
          if (id !== undefined) await run({ ...target, id });
          await reach.done(record);
          logger.info({ hash: record.hash, found: id !== undefined }, 'ingest.erasure.catch-up');
        }
        return due.length;
      }),
  };

  async function targetOf(tenant: string, { deviceId, assetId, before }: ErasureInput): Promise<Target> {
    const beforeMs = before === undefined ? clock.nowMs() + 1 : Date.parse(before);
    const kind = deviceId === undefined ? 'asset' : 'device';
    const id = deviceId ?? assetId!;
    const known = await (kind === 'device' ? registry.devices : registry.assets).get(tenant, id);
    if (!known) throw new RondeError('RESOURCE_UNKNOWN', `there is no ${kind} "${id}"`);
    return { tenant, kind, id, beforeMs };
  }
}

function hashOf({ tenant, kind, id }: Pick<Target, 'tenant' | 'kind' | 'id'>): string {
  return createHash('sha256').update(`${tenant}\n${kind}\n${id}`).digest('hex');
}

function keyOf({ deviceId, chamber, quantity, at, uplinkId }: Reading) {
  return { deviceId, quantity, at, uplinkId, ...(chamber !== undefined && { chamber }) };
}
