import { createHash } from 'node:crypto';
import type { Uplink } from '@ronde/contracts';
import type { ReadingsStore } from '@ronde/readings';
import type { Fresh, Identified } from './item.ts';
import { noteDuplicate, type Ledger } from './ledger.ts';

const HOUR_MS = 3_600_000;
/** How long an uplink with the same network, device, session, counter and payload is a duplicate. */
export const WINDOW_MS = 24 * HOUR_MS;
/** How long a native frame without counter and time is one, when DUP is set and packet id and payload are equal. */
export const DUP_WINDOW_MS = 600_000;
/** How far apart the network's times of two copies of one uplink may lie at most, where it gives no session. */
const SPAN_MS = 600_000;
const MAX_KEYS = 500_000;
const TIERS = 4;
const DUP_PREFIX = 'dup:';

/** Uplink keys of the last 24 hours; what was pushed out of memory is asked of the store. */
export interface SeenUplinks {
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
  maxKeys = MAX_KEYS,
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
        else if (evictedUntilMs > -Infinity) asked.push(key);
      }
      const known = asked.length > 0 ? await store.knownUplinkKeys(asked) : new Set<string>();
      for (const key of known) found.set(key, evictedUntilMs);
      return found;
    },
  };
}

/** Passes on what was not seen before, within the batch or the window. */
export async function dropDuplicates(
  identified: readonly Identified[],
  ledger: Ledger,
  seen: SeenUplinks,
): Promise<Fresh[]> {
  const keyed = identified.map((item) => ({ ...item, key: keyOf(item), alike: alikeOf(item) }));
  const known = await seen.find(keyed.flatMap(({ key, alike }) => [...(key === null ? [] : [key]), ...alike]));
  return keyed.filter((item) => {
    const { key, frame } = item;
    if (key === null) return true;
    const isRepeat = key.startsWith(DUP_PREFIX);
    const windowMs = isRepeat ? DUP_WINDOW_MS : WINDOW_MS;
    const wasSeen = [key, ...item.alike].some((one) => {
      const seenAtMs = known.get(one);
      return seenAtMs !== undefined && Math.abs(frame.receivedAtMs - seenAtMs) <= windowMs;
    });
    if (!wasSeen || (isRepeat && frame.dup !== true)) {
      known.set(key, frame.receivedAtMs);
      return true;
    }
    noteDuplicate(ledger, item, item.device.id);
    return false;
  });
}

/** Gives what makes an uplink the same as an earlier one; null when a repetition cannot be told from a new measurement. */
export function keyOf(item: Identified): string | null {
  const { uplink, device, frame } = item;
  if (uplink.fCnt !== null) return counted(item, spanOf(uplink));
  const timed =
    uplink.atMs !== null || (uplink.values.length > 0 && uplink.values.every(({ atMs }) => atMs !== undefined));
  if (timed) return digest([uplink.source, device.id, 'at', uplink.atMs], uplink);
  return frame.packetId === undefined ? null : DUP_PREFIX + digest([device.id, frame.packetId], uplink);
}

/** Keys under which a copy may have been kept whose network stamped it a moment earlier or later. */
function alikeOf(item: Identified): string[] {
  const span = item.uplink.fCnt === null ? null : spanOf(item.uplink);
  return span === null ? [] : [span - 1, span + 1].map((near) => counted(item, near));
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
  const hash = createHash('sha1').update(JSON.stringify(parts));
  // an own device writes its time into the payload; a network server stamps each copy anew
  if (source === 'native' && atMs !== null) hash.update(`|${atMs}|`);
  // 120 bits: far below any chance of two uplinks of a city meeting
  return hash
    .update(bytes ?? JSON.stringify(data ?? values))
    .digest('base64url')
    .slice(0, 20);
}
