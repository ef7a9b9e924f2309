import { setTimeout as pause } from 'node:timers/promises';
import type { DeviceRecord, Replay, StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { ReadingsStore } from '@ronde/readings';
import type { SensorTypes, Trial } from '@ronde/sensor-types';
import type { Pipeline, Prepared, ReplayOptions } from '../pipeline.ts';
import type { Retry } from '../retry.ts';
import type { Decoders } from '../steps/decode.ts';
import { createSeenUplinks, type SeenUplinks } from '../steps/duplicate.ts';
import type { Identified, Valued } from '../steps/item.ts';
import { diffUplinks, type UplinkDiff } from './diff-page.ts';
import { readStored, type StoredReadings } from './stored-readings.ts';

export interface WalkParts {
  inbox: Pick<Inbox, 'readSpan'>;
  readings: ReadingsStore;
  pipeline: Pipeline;
  sensorTypes: Pick<SensorTypes, 'get' | 'choose'>;
  /** A sandbox of the replay's own: history is read without holding up a live uplink. */
  trial: Pick<Trial, 'decodeBatch'>;
  tenant: string;
  /** Waits while a store is in trouble. */
  retry: Retry;
  /** Frames that live traffic has waiting; a replay stands back behind it. */
  lag: () => number;
  framesPerS: number;
}

/** A stretch of frames, read again and compared with what is stored of them. */
export interface Stretch {
  frames: number;
  lastSeq: number;
  receivedAtMs: number;
  uplinks: UplinkDiff[];
  /** Uplinks of the asked devices that cannot be read. */
  failing: number;
}

export interface WalkOptions {
  /** Goes on behind this place in the inbox. */
  after: number;
  signal: AbortSignal;
}

const PAGE = 500;
/** Uplinks of an earlier delivery lie mostly minutes apart; those across the start of the span are looked for this far back. */
const DUPLICATES_BACK_MS = 3_600_000;
const LAG_PATIENCE = 2_000;
const STAND_BACK_MS = 100;
const SHORTEST_PAUSE_MS = 4;
const NOTHING_KEPT: Parameters<typeof createSeenUplinks>[0] = {
  uplinkKeysSince: async () => [],
  knownUplinkKeys: async () => new Set(),
};

type Scope = Pick<Replay, 'deviceId' | 'typeId' | 'from' | 'to' | 'version'>;

/** Reads the frames of a replay again, in the order of the inbox, at its pace; it ends at the signal without a word. */
export async function* walk(scope: Scope, parts: WalkParts, { after, signal }: WalkOptions): AsyncGenerator<Stretch> {
  const { inbox, tenant, retry } = parts;
  const span = { fromMs: Date.parse(scope.from), toMs: Date.parse(scope.to) };
  const seen = createSeenUplinks(NOTHING_KEPT);
  const only = isAskedOf(scope);
  await retry.run(() => rememberBefore({ span, after, only, seen }, parts));
  const pace = createPace(parts);
  for (let place = after; !signal.aborted;) {
    const frames = await retry.run(() => inbox.readSpan({ ...span, after: place, limit: PAGE }));
    if (frames.length === 0) return;
    place = frames.at(-1)!.seq;
    const own = frames.filter((frame) => frame.tenant === tenant);
    const again = () => readAgain(own, { scope, only, seen }, parts);
    const { uplinks, failing, keys } = own.length > 0 ? await retry.run(again) : NOTHING;
    seen.add(keys);
    yield { frames: frames.length, lastSeq: place, receivedAtMs: frames.at(-1)!.receivedAtMs, uplinks, failing };
    await pace(frames.length, signal);
  }
}

const NOTHING = { uplinks: [], failing: 0, keys: [] };

async function readAgain(
  frames: readonly StoredFrame[],
  { scope, only, seen }: { scope: Scope; only: (item: Identified) => boolean; seen: SeenUplinks },
  parts: WalkParts,
): Promise<Pick<Stretch, 'uplinks' | 'failing'> & { keys: Prepared['keys'] }> {
  const { pipeline, readings, sensorTypes, tenant } = parts;
  let stored: StoredReadings | undefined;
  const times = async (items: readonly Valued[]): Promise<StoredReadings> =>
    (stored = await readStored(readings, tenant, items));
  const replay: ReplayOptions = { types: decodersOf(parts), pick: pickFor(scope, sensorTypes), seen, times };
  const asked = new Set<string>();
  const prepared = await pipeline.prepare(frames, {
    replay,
    only: (item) => only(item) && asked.add(item.device.id).size > 0,
  });
  const letters = [...prepared.ledger.deadLetters.values()];
  const failing = letters.filter(({ deviceId }) => deviceId !== undefined && asked.has(deviceId)).length;
  return { uplinks: stored ? diffUplinks(prepared.finished, stored) : [], failing, keys: prepared.keys };
}

function decodersOf({ sensorTypes, trial }: WalkParts): Decoders {
  const decodeBatch: Decoders['decodeBatch'] = (items) =>
    trial.decodeBatch(items.map(({ id, version, input }) => ({ type: sensorTypes.get(id, version), input })));
  return {
    get: sensorTypes.get,
    choose: sensorTypes.choose,
    decodeBatch,
    decode: async (id, input, version) => (await decodeBatch([{ id, input, version }]))[0]!,
  };
}

function isAskedOf({ deviceId, typeId }: Scope): (item: Identified) => boolean {
  return ({ device }) =>
    (deviceId === undefined || device.id === deviceId) && (typeId === undefined || device.typeId === typeId);
}

/** History is read by the active version, or the one asked for: a canary touches no past unless it is named. */
function pickFor({ version }: Scope, types: Pick<SensorTypes, 'get'>): NonNullable<ReplayOptions['pick']> {
  return ({ typeId }: DeviceRecord) => {
    const type = types.get(typeId, version);
    return type && { type, canary: false };
  };
}

/** Remembers what was delivered shortly before the first frame, so that its copies within the span are known as such. */
async function rememberBefore(
  of: { span: { fromMs: number; toMs: number }; after: number; only: (item: Identified) => boolean; seen: SeenUplinks },
  { inbox, pipeline, readings, tenant }: WalkParts,
): Promise<void> {
  const startMs = of.after === 0 ? of.span.fromMs : await receivedAt(of.after, inbox, of.span);
  const before = { fromMs: startMs - DUPLICATES_BACK_MS, toMs: startMs };
  for (let place = 0; ;) {
    const frames = (await inbox.readSpan({ ...before, after: place, limit: PAGE })).filter(
      (frame) => of.after === 0 || frame.seq <= of.after,
    );
    if (frames.length === 0) return;
    place = frames.at(-1)!.seq;
    const own = frames.filter((frame) => frame.tenant === tenant);
    if (own.length === 0) continue;
    const none = { get: () => undefined };
    const times = (items: readonly Valued[]) => readStored(readings, tenant, items);
    const { keys } = await pipeline.prepare(own, {
      // nothing is decoded: only the keys of the uplinks are of interest
      replay: { pick: pickFor({ from: '', to: '' }, none), seen: of.seen, times },
      only: of.only,
    });
    of.seen.add(keys);
  }
}

async function receivedAt(
  seq: number,
  inbox: Pick<Inbox, 'readSpan'>,
  span: { fromMs: number; toMs: number },
): Promise<number> {
  const [frame] = await inbox.readSpan({ ...span, after: seq - 1, limit: 1 });
  return frame?.receivedAtMs ?? span.fromMs;
}

/** Keeps to a number of frames a second of host time, and stands back while live traffic waits. */
function createPace({ framesPerS, lag }: WalkParts): (frames: number, signal: AbortSignal) => Promise<void> {
  const startedAtMs = performance.now();
  let done = 0;
  return async (frames, signal) => {
    done += frames;
    const aheadMs = (done / framesPerS) * 1000 - (performance.now() - startedAtMs);
    const rest = (ms: number): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined);
    if (aheadMs >= SHORTEST_PAUSE_MS) await rest(aheadMs);
    while (lag() > LAG_PATIENCE && !signal.aborted) await rest(STAND_BACK_MS);
  };
}
