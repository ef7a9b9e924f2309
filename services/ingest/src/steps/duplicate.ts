import { hash } from 'node:crypto';
import type { Uplink } from '@ronde/contracts';
import type { Breath } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import type { Fresh, Identified } from './item.ts';
import { noteDuplicate, type Ledger } from './ledger.ts';

const HOUR_MS = 3_600_000;
/** How long an uplink with the same network, device, session, counter and payload is a duplicate. */
export const WINDOW_MS = 24 * HOUR_MS;
/** How long a native frame without counter and time is one, when DUP is set and packet id and payload are equal. */
const DUP_WINDOW_MS = 600_000;
/** How far apart the network's times of two copies of one uplink may lie at most, where it gives no session. */
const SPAN_MS = 600_000;
// some 6 MB; copies come within minutes, and what is older is asked of the store, one question a batch
const MAX_KEYS = 30_000;
const TIERS = 4;
const DUP_PREFIX = 'dup:';
/** Marks that the copy which was stored is one that came again: what came first may lie in another worker's inbox. */
const AGAIN_PREFIX = 'again:';
const AT_ANY_TIME = NaN;

/** Uplink keys of the last 24 hours; what was pushed out of memory is asked of the store. */
export interface SeenUplinks {
  /** Other workers keep keys in the same store. */
  readonly isShared: boolean;
  /** Loads what was seen before a restart; `nowMs` is the platform's time. */
  warm(nowMs: number): Promise<void>;
  /** Tells when each key was seen last, as far as it is within its window before `atMs`. */
  find(keys: readonly string[]): Promise<Map<string, number>>;
  /** Remembers keys that the store has committed. */
  add(keys: readonly { key: string; receivedAtMs: number }[]): void;
}

/** Creates the memory of seen uplinks over the readings store, which keeps the keys across restarts. */
export function createSeenUplinks(
  store: Pick<ReadingsStore, 'uplinkKeysSince' | 'knownUplinkKeys'>,
  { maxKeys = MAX_KEYS, isShared = false }: { maxKeys?: number; isShared?: boolean } = {},
): SeenUplinks {
  const seen = new Map<string, number>();
  let evictedUntilMs = -Infinity;
  const add: SeenUplinks['add'] = (keys) => {
    for (const { key, receivedAtMs } of keys) {
      const lastMs = Math.max(receivedAtMs, seen.get(key) ?? 0);
      seen.delete(key);
      seen.set(key, lastMs);
    }
    const newestMs = keys.at(-1)?.receivedAtMs ?? 0;
    for (const [key, atMs] of seen) {
      const expired = atMs < newestMs - WINDOW_MS;
      if (!expired && seen.size <= maxKeys) break;
      if (!expired) evictedUntilMs = Math.max(evictedUntilMs, atMs);
      seen.delete(key);
    }
  };
  return {
    isShared,
    add,
    async warm(nowMs) {
      const stepMs = WINDOW_MS / TIERS;
      // the store gives keys without times: the lengths of ever shorter spans tell which span a key belongs to
      const spans = await Promise.all(
        Array.from({ length: TIERS }, (_, tier) => store.uplinkKeysSince(nowMs - WINDOW_MS + tier * stepMs)),
      );
      const all = spans[0] ?? [];
      all.forEach((key, index) => {
        const tier = spans.filter((span) => index >= all.length - span.length).length;
        add([{ key, receivedAtMs: nowMs - WINDOW_MS + tier * stepMs }]);
      });
    },
    async find(keys) {
      const found = new Map<string, number>();
      const asked: string[] = [];
      for (const key of keys) {
        const atMs = seen.get(key);
        if (atMs !== undefined) found.set(key, atMs);
        else if (isShared || evictedUntilMs > -Infinity) asked.push(key);
      }
      const known = asked.length > 0 ? await store.knownUplinkKeys(asked) : new Set<string>();
      // another worker's keys come without times; none of them is older than the store keeps keys
      for (const key of known) found.set(key, isShared ? AT_ANY_TIME : evictedUntilMs);
      return found;
    },
  };
}

/** Passes on what was not seen before, within the batch or the window. */
export async function dropDuplicates(
  identified: readonly Identified[],
  { ledger, seen, breathe }: { ledger: Ledger; seen: SeenUplinks; breathe: Breath },
): Promise<Fresh[]> {
  const keyed: { item: Identified; key: string | null; alike: readonly string[]; again: readonly string[] }[] = [];
  for (const item of identified) {
    await breathe();
    keyed.push({ item, key: keyOf(item), alike: alikeOf(item), again: seen.isShared ? againOf(item) : NONE });
  }
  const known = await seen.find(
    keyed.flatMap(({ key, alike, again }) => [...(key === null ? NONE : [key]), ...alike, ...again]),
  );
  const fresh: Fresh[] = [];
  for (const { item, key, alike, again } of keyed) {
    const { frame } = item;
    const isRepeat = key?.startsWith(DUP_PREFIX) === true;
    const windowMs = isRepeat ? DUP_WINDOW_MS : WINDOW_MS;
    const wasSeen = (one: string): boolean => {
      const seenAtMs = known.get(one);
      // no number is greater than one that is none
      return seenAtMs !== undefined && !(Math.abs(frame.receivedAtMs - seenAtMs) > windowMs);
    };
    const isCopy = key !== null && (wasSeen(key) || alike.some(wasSeen));
    if (again.some(wasSeen) || (isCopy && !(isRepeat && frame.dup !== true))) {
      noteDuplicate(ledger, item, item.device.id);
      continue;
    }
    if (key !== null) known.set(key, frame.receivedAtMs);
    fresh.push({ ...item, key });
  }
  return fresh;
}

const NONE: readonly string[] = [];

/** Gives what makes an uplink the same as an earlier one; null when a repetition cannot be told from a new measurement. */
export function keyOf(item: Identified): string | null {
  const { uplink, device, frame } = item;
  if (uplink.fCnt !== null) return counted(item, spanOf(uplink));
  const timed =
    uplink.atMs !== null || (uplink.values.length > 0 && uplink.values.every(({ atMs }) => atMs !== undefined));
  if (timed) return digest([uplink.source, device.id, 'at', uplink.atMs], uplink);
  return frame.packetId === undefined ? null : repeated(item, 0);
}

/** Ids of packets come round again: a key names its ten minutes, so that a store without times can be asked, too. */
function repeated({ uplink, device, frame }: Identified, spans: number): string {
  const span = Math.floor(frame.receivedAtMs / DUP_WINDOW_MS) + spans;
  return DUP_PREFIX + digest([device.id, frame.packetId ?? null, span], uplink);
}

/**
 * Keys under which a later copy of this message may have been stored already: a worker that died after its commit and before
 * its acknowledgement still holds the message, and the broker has given it to another worker, marked DUP.
 */
function againOf(item: Identified): readonly string[] {
  if (item.frame.dup !== false || !keyOf(item)?.startsWith(DUP_PREFIX)) return NONE;
  return [-1, 0, 1].map((spans) => AGAIN_PREFIX + repeated(item, spans));
}

/** A key to keep, and whether no other worker may have stored it: `once` where the same key may also be another message. */
export interface KeptKey {
  key: string;
  receivedAtMs: number;
  mustBeNew: 'always' | 'once' | 'no';
}

/** Gives the keys to keep of an uplink that is none of those seen before. */
export function keysToKeep({ frame }: Identified, key: string | null): KeptKey[] {
  if (key === null) return [];
  const { receivedAtMs, dup } = frame;
  if (!key.startsWith(DUP_PREFIX)) return [{ key, receivedAtMs, mustBeNew: 'always' }];
  if (dup !== true) return [{ key, receivedAtMs, mustBeNew: 'once' }];
  return [
    { key, receivedAtMs, mustBeNew: 'always' },
    { key: AGAIN_PREFIX + key, receivedAtMs, mustBeNew: 'no' },
  ];
}

/** Keys under which a copy may have been kept whose network stamped it a moment earlier or later. */
function alikeOf(item: Identified): readonly string[] {
  if (item.frame.dup === true && keyOf(item)?.startsWith(DUP_PREFIX)) return [repeated(item, -1), repeated(item, 1)];
  const span = item.uplink.fCnt === null ? null : spanOf(item.uplink);
  return span === null ? NONE : [span - 1, span + 1].map((near) => counted(item, near));
}

function counted({ uplink, device, epoch = '' }: Identified, span: number | null): string {
  return digest(
    [uplink.source, device.id, uplink.session + epoch, uplink.fCnt, ...(span === null ? [] : [span])],
    uplink,
  );
}

/**
 * Without a session nobody says when a counter began anew: there the network's time, in steps, stands in for it, so that a
 * device that restarts is not silenced for a day by what it sent before.
 */
function spanOf({ source, session, atMs }: Uplink): number | null {
  return session !== '' || atMs === null || source === 'native' ? null : Math.floor(atMs / SPAN_MS);
}

function digest(parts: (string | number | null)[], { source, bytes, values, data, atMs }: Uplink): string {
  // an own device writes its time into the payload; a network server stamps each copy anew
  const head = JSON.stringify(parts) + (source === 'native' && atMs !== null ? `|${atMs}|` : '');
  const content = bytes === null ? head + JSON.stringify(data ?? values) : Buffer.concat([Buffer.from(head), bytes]);
  // 120 bits: far below any chance of two uplinks of a city meeting; cut as bytes, since a slice of a string keeps it whole
  return hash('sha1', content, 'buffer').toString('base64url', 0, 15);
}
