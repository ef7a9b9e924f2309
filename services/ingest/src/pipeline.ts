import type { DeadLetter, Reading, StoredFrame, UplinkHeard, UplinkTrace } from '@ronde/contracts';
import { createBreath } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { ReadingsStore, Refusal, UplinkKey } from '@ronde/readings';
import { attachAsset, toReading } from './steps/attach.ts';
import { checkRange } from './steps/check.ts';
import { createTimekeeper, type Timekeeper } from './steps/clock.ts';
import {
  askCodecs,
  decode,
  type CanaryTrial,
  type CodecAnswers,
  type DecodeOptions,
  type Decoders,
} from './steps/decode.ts';
import { dropDuplicates, keyOf, keysToKeep, type KeptKey, type SeenUplinks } from './steps/duplicate.ts';
import { openEnvelopes } from './steps/envelope.ts';
import type { Directory } from './steps/directory.ts';
import { toHeard } from './steps/heard.ts';
import { batteriesOf, identify, identifyEvents } from './steps/identify.ts';
import type { Finished, Fresh, Identified, Opened, Told, Valued } from './steps/item.ts';
import { openLedger, refusalOfThrown, refuse, traceOf, type Ledger } from './steps/ledger.ts';
import { lettersOf } from './steps/refused-by-store.ts';
import type { Memory, Recollection } from './steps/memory.ts';
import { placeInSessions } from './steps/sessions.ts';
import { needsReceiveTime, placeInTime } from './steps/times.ts';

export interface PipelineParts {
  directory: Directory;
  seen: SeenUplinks;
  timekeeper: Timekeeper;
  memory: Memory;
  types: Decoders;
  readings: ReadingsStore;
  registry: Pick<Registry, 'deadLetters'>;
}

export interface PrepareOptions {
  /** Frames read again: readings keep their first time and carry REPLAYED. */
  replay?: ReplayOptions;
  /** Keeps only uplinks of these devices. */
  only?: (item: Identified) => boolean;
}

/** Where uplinks without a time of their own get one from. */
export interface Times {
  keeper: Timekeeper;
  /** Times that earlier readings of an uplink were stored under, by uplink id. */
  fixed: ReadonlyMap<string, number>;
}

export interface ReplayOptions {
  /** Which version reads a device's uplinks; the one that reads its live ones unless given. */
  pick?: DecodeOptions['pick'];
  /** What decodes; what decodes live unless given. */
  types?: Decoders;
  /** Drops what is a duplicate of an earlier uplink of the same replay; no duplicate check unless given. */
  seen?: SeenUplinks;
  /** Tells of the times that these uplinks and their devices have in the store; asked uplink by uplink unless given. */
  times?: (items: readonly Valued[]) => Promise<Times>;
}

/** What a batch of frames of one tenant says, read once: `prepare` uses it up. */
export interface ReadBatch {
  uplinks: Identified[];
  told: Told[];
  recollection: Recollection;
  ledger: Ledger;
  answers: CodecAnswers;
  /** Which state of the devices it was read with. */
  directoryVersion: number;
}

/** What a batch of frames of one tenant became; nothing of it is stored yet. */
export interface Prepared {
  tenant: string;
  frames: readonly StoredFrame[];
  finished: Finished[];
  keys: KeptKey[];
  /** What networks told of registered devices; empty for frames that are read again. */
  told: Told[];
  /** What later frames will have to recall. */
  recollection: Recollection;
  ledger: Ledger;
  /** Every uplink that is no duplicate, readable or not; none of a replay. */
  heard: UplinkHeard[];
  /** Uplinks that a canary version read; none of a replay. */
  trials: CanaryTrial[];
}

/** What was stored; ready to be announced. */
export interface Committed {
  tenant: string;
  /** How many frames it was. */
  frames: number;
  /** Readings stored for the first time, oldest first. */
  accepted: Reading[];
  /** Readings that were there already. */
  known: number;
  deadLetters: DeadLetter[];
  told: Told[];
  traces: UplinkTrace[];
  heard: UplinkHeard[];
  /** Uplinks of devices that nobody registered; none of a replay. */
  unknown: Opened[];
  trials: CanaryTrial[];
}

/**
 * The way of a frame to readings: `read` and `prepare` have no lasting effect and may be repeated; `commit` is idempotent and
 * may be repeated too. All reject only with retriable errors of the stores.
 */
export interface Pipeline {
  /** Opens frames, finds their devices and asks their codecs: all that need not wait for the batch before. */
  read(frames: readonly StoredFrame[], options?: PrepareOptions): Promise<ReadBatch>;
  /** @param read what was read of these frames ahead; frames whose devices changed since are read again */
  prepare(frames: readonly StoredFrame[], options?: PrepareOptions, read?: ReadBatch): Promise<Prepared>;
  commit(prepared: Prepared, cursor?: { name: string; seq: number }, attempt?: number): Promise<Committed>;
  /** Reads who spoke and how, without decoding: for those who must catch up with frames handled before a crash. */
  hear(frames: readonly StoredFrame[]): Promise<UplinkHeard[]>;
  /** Finds the uplinks of known devices in frames, and goes no further. */
  identify(frames: readonly StoredFrame[]): Promise<Identified[]>;
}

/** Creates the pipeline: envelope → identify → decode → duplicates → normalise → check → place in time → attach. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { directory, seen, timekeeper, memory, types, readings, registry } = parts;
  const breathe = createBreath();

  const pickLive: DecodeOptions['pick'] = ({ typeId, id }) => types.choose(typeId, id);

  async function read(frames: readonly StoredFrame[], options: PrepareOptions = {}): Promise<ReadBatch> {
    const { replay } = options;
    const directoryVersion = directory.version();
    const { uplinks, ...opened } = await open(frames, replay !== undefined);
    const wanted = uplinks.filter(options.only ?? (() => true));
    await breathe();
    const answers = await askCodecs(wanted, { types: replay?.types ?? types, pick: replay?.pick ?? pickLive, breathe });
    return { uplinks: wanted, ...opened, answers, directoryVersion };
  }

  async function prepare(
    frames: readonly StoredFrame[],
    options: PrepareOptions = {},
    ahead?: ReadBatch,
  ): Promise<Prepared> {
    const { replay } = options;
    const tenant = frames[0]?.tenant ?? '';
    const isUsable = ahead !== undefined && ahead.directoryVersion === directory.version();
    const { uplinks, told, recollection, ledger, answers } = isUsable ? ahead : await read(frames, options);
    const isKept = replay !== undefined && replay.seen === undefined;
    const fresh = isKept
      ? uplinks.map((item) => ({ ...item, key: keyOf(item) }))
      : await dropDuplicates(uplinks, { ledger, seen: replay?.seen ?? seen, breathe });
    const { valued, trials } = await decode(fresh, answers, { ledger, breathe });
    const times = replay ? await (replay.times ?? timesOfReplay)(valued) : { keeper: timekeeper, fixed: NO_TIMES };
    for (const item of valued) {
      if (needsReceiveTime(item))
        await times.keeper.prepare(item.frame.tenant, item.device.id, item.frame.receivedAtMs);
    }
    const finished: Finished[] = [];
    for (const item of valued) {
      await breathe();
      finished.push(...finish(item, { ...times, replayed: replay !== undefined }, ledger));
    }
    const readable = new Map(finished.map((item) => [item.uplinkId, item]));
    const news = replay
      ? { told: [], heard: [], trials: [] }
      : { told, heard: toHeard(fresh, readable, types), trials };
    return { tenant, frames, finished, keys: keysOf(fresh), recollection, ledger, ...news };
  }

  /** What a replay would store must not take times from live uplinks: its times come from the store alone. */
  async function timesOfReplay(valued: readonly Valued[]): Promise<Times> {
    return { keeper: createTimekeeper(readings, Infinity), fixed: await firstTimes(valued, readings) };
  }

  function finish(
    item: Valued,
    { keeper, fixed, replayed }: Times & { replayed: boolean },
    ledger: Ledger,
  ): Finished[] {
    try {
      const checked = { ...item, values: item.values.map(checkRange) };
      const placed = attachAsset(checked, placeInTime(checked, keeper, fixed.get(item.uplinkId)));
      return [{ ...item, readings: placed.map((value) => toReading(item, value, replayed)) }];
    } catch (thrown) {
      refuse(ledger, item, { ...refusalOfThrown('normalise', 'CODEC_FAULT', thrown), deviceId: item.device.id });
      return [];
    }
  }

  async function commit(prepared: Prepared, cursor?: { name: string; seq: number }, attempt = 0): Promise<Committed> {
    const { tenant, frames, finished, keys, told, heard, trials, ledger } = prepared;
    // first the letters, then the cursor: a letter written twice is one letter, a letter never written is lost
    await prepared.recollection.commit();
    const deadLetters = [...ledger.deadLetters.values()];
    const added = await Promise.all(deadLetters.map((letter) => registry.deadLetters.insert(tenant, letter)));
    const all = finished.flatMap((item) => item.readings);
    const refused = async (refusals: readonly Refusal[]): Promise<void> => {
      for (const letter of lettersOf(finished, refusals, ledger)) {
        if (await registry.deadLetters.insert(tenant, letter)) late.push(letter);
      }
    };
    const late: DeadLetter[] = [];
    const uplinkKeys = claimed(keys, cursor !== undefined && seen.isShared ? attempt : Infinity);
    const batch = { tenant, readings: all, uplinkKeys, refused, ...(cursor && { cursor }) };
    const { stored } = cursor || all.length > 0 ? await readings.append(batch) : { stored: [] };
    seen.add(keys);
    await breathe();
    const accepted = all.filter((_, index) => stored[index]);
    return {
      tenant,
      frames: frames.length,
      accepted: accepted.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
      known: all.length - accepted.length,
      deadLetters: [...deadLetters.filter((_, index) => added[index]), ...late],
      told,
      traces: [...ledger.traces, ...storedTraces(finished, stored)],
      heard,
      unknown: cursor ? ledger.unknown : [],
      trials,
    };
  }

  async function hear(frames: readonly StoredFrame[]): Promise<UplinkHeard[]> {
    const { uplinks, ledger } = await open(frames, true);
    // a counter that only the payload holds is decoded for: without it a false gap would show
    const counting = uplinks.filter(({ uplink, device }) => uplink.fCnt === null && countsItself(device.typeId));
    const answers = await askCodecs(counting, { types, pick: pickLive, breathe });
    const { valued } = await decode(
      counting.map((item) => ({ ...item, key: null })),
      answers,
      { ledger, breathe },
    );
    const counted = new Map(valued.map((item) => [item.uplinkId, item]));
    return toHeard(uplinks, new Map(uplinks.map(({ uplinkId }) => [uplinkId, counted.get(uplinkId) ?? {}])), types);
  }

  function countsItself(typeId: string): boolean {
    return types.get(typeId)?.manifest.counterFrom !== undefined;
  }

  async function open(frames: readonly StoredFrame[], isReplay: boolean) {
    const ledger = openLedger();
    const recollection = memory.begin(frames[0]?.tenant ?? '');
    const opened = await openEnvelopes(frames, ledger, { recollection, isReplay, breathe });
    const finders = { ledger, directory, recollection };
    const identified = await identify(opened.uplinks, finders);
    const told = await identifyEvents(opened.events, finders);
    identified.push(...batteriesOf(told));
    const uplinks = await placeInSessions(identified, told, recollection);
    return { uplinks, told, recollection, ledger };
  }

  return { read, prepare, commit, hear, identify: async (frames) => (await open(frames, true)).uplinks };
}

/**
 * Says which keys other workers may not have stored. A batch that is refused is prepared again and then finds their copies; the
 * doubtful ones are claimed the first time only, since after that an equal key means another message.
 */
function claimed(keys: readonly KeptKey[], attempt: number): UplinkKey[] {
  const claims = attempt === 0 ? ['always', 'once'] : attempt === 1 ? ['always'] : [];
  return keys.map(({ key, receivedAtMs, mustBeNew }) => ({ key, receivedAtMs, mustBeNew: claims.includes(mustBeNew) }));
}

const NO_TIMES: ReadonlyMap<string, number> = new Map();

function keysOf(fresh: readonly Fresh[]): KeptKey[] {
  return fresh.flatMap((item) => keysToKeep(item, item.key));
}

function storedTraces(finished: readonly Finished[], stored: readonly boolean[]): UplinkTrace[] {
  let index = 0;
  return finished.map((item) => {
    const readings = stored.slice(index, (index += item.readings.length)).filter(Boolean).length;
    return { ...traceOf(item, 'stored', item.device.id), readings };
  });
}

// Uplinks that came within one run of receive times lie at most this far behind their receipt.
const FIRST_TIME_SPAN_MS = 60_000;

/** Finds under which time readings of these uplinks were stored before, for those placed at the time of receipt. */
async function firstTimes(
  items: readonly Valued[],
  readings: Pick<ReadingsStore, 'series'>,
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const item of items.filter(needsReceiveTime)) {
    const { frame, device, uplinkId } = item;
    const span = { fromMs: frame.receivedAtMs, toMs: frame.receivedAtMs + FIRST_TIME_SPAN_MS, limit: 5_000 };
    const { items: near } = await readings.series({ tenant: frame.tenant, deviceId: device.id, ...span });
    const earlier = near.find((reading) => reading.uplinkId === uplinkId);
    if (earlier) times.set(uplinkId, Date.parse(earlier.at));
  }
  return times;
}
