import type { DifferenceQuery, Page, Reading, ReadingDifference } from '@ronde/contracts';
import { PROVENANCE_FLAGS } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { Change } from './diff-page.ts';

/** Differences of one replay that are kept for people to look through; what differs beyond is counted only. */
const MOST_KEPT = 20_000;
const IN_CHUNK = 250;
/** Replays whose differences are kept, the newest ones; older ones keep their counts. */
const REPLAYS_KEPT = 20;
const LOOKED_BACK = 20;

type Store = Pick<Registry, 'replayDifferences' | 'replays'>;

/** Collects the differences of a replay while it is compared. */
export interface DifferenceLog {
  add(changes: readonly Change[]): void;
  /** Writes down what was added. */
  flush(): Promise<void>;
  /** Differences kept so far. */
  kept(): number;
}

/** Begins the differences of a replay anew: an earlier comparison may have been broken off. */
export async function openDifferenceLog(store: Store, tenant: string, replayId: string): Promise<DifferenceLog> {
  await forget(store, tenant, replayId);
  await forgetOld(store, tenant);
  let waiting: ReadingDifference[] = [];
  let added = 0;
  let chunk = 0;
  let isWritten = true;
  const write = async (items: ReadingDifference[]): Promise<void> => {
    await store.replayDifferences.put(tenant, { id: chunkId(replayId, chunk), replayId, items });
  };
  return {
    add(changes) {
      const free = MOST_KEPT - added;
      isWritten &&= changes.length === 0 || free === 0;
      for (const change of changes.slice(0, free)) waiting.push(toDifference(change));
      added += Math.min(free, changes.length);
    },
    async flush() {
      if (isWritten) return;
      isWritten = true;
      // a chunk that is not yet full is written again once there is more of it
      while (waiting.length > 0) {
        const items = waiting.slice(0, IN_CHUNK);
        await write(items);
        if (items.length < IN_CHUNK) return;
        waiting = waiting.slice(IN_CHUNK);
        chunk += 1;
      }
    },
    kept: () => added,
  };
}

/** Pages through the differences of a replay that are kept, in the order in which its frames were read. */
export async function pageDifferences(
  store: Store,
  tenant: string,
  { replayId, query }: { replayId: string; query: DifferenceQuery },
): Promise<Page<ReadingDifference>> {
  const items: ReadingDifference[] = [];
  let place = Number(query.cursor ?? 0);
  for (;;) {
    const found = await store.replayDifferences.get(tenant, chunkId(replayId, Math.floor(place / IN_CHUNK)));
    const rest = found?.items.slice(place % IN_CHUNK) ?? [];
    if (rest.length === 0) return { items };
    for (const item of rest) {
      if (matches(item, query)) {
        if (items.length === query.limit) return { items, next: String(place) };
        items.push(item);
      }
      place += 1;
    }
  }
}

/** Says what became of a reading: both sides, only the new one, or only the old one. */
export function changeOf({ was, now }: Pick<ReadingDifference, 'was' | 'now'>): 'changed' | 'added' | 'removed' {
  return was && now ? 'changed' : now ? 'added' : 'removed';
}

/** Gives a change in the form that people see. */
export function toDifference({ was, now }: Change): ReadingDifference {
  const { deviceId, chamber, quantity, at, assetId } = (now ?? was)!;
  const key = { deviceId, assetId, quantity, at, ...(chamber !== undefined && { chamber }) };
  return { ...key, was: sideOf(was), now: sideOf(now) };
}

/** Flags that say something of the measurement; how it came to be stored differs on every line and says nothing. */
export function measuredFlags({ flags }: Pick<Reading, 'flags'>): Reading['flags'] {
  return flags.filter((flag) => !PROVENANCE_FLAGS.includes(flag));
}

function sideOf(reading: Reading | null): ReadingDifference['was'] {
  return reading && { value: reading.value, quality: reading.quality, flags: measuredFlags(reading) };
}

function matches(item: ReadingDifference, { quantity, deviceId, change }: DifferenceQuery): boolean {
  return (
    (quantity === undefined || item.quantity === quantity) &&
    (deviceId === undefined || item.deviceId === deviceId) &&
    (change === undefined || changeOf(item) === change)
  );
}

function chunkId(replayId: string, chunk: number): string {
  return `${replayId}-${String(chunk).padStart(5, '0')}`;
}

async function forget({ replayDifferences }: Store, tenant: string, replayId: string): Promise<void> {
  const left = await replayDifferences.all(tenant, { replayId });
  for (const { id } of left) await replayDifferences.delete(tenant, id);
}

async function forgetOld(store: Store, tenant: string): Promise<void> {
  const newest = await store.replays.list(tenant, { limit: REPLAYS_KEPT + LOOKED_BACK, descending: true });
  for (const { id } of newest.items.slice(REPLAYS_KEPT)) await forget(store, tenant, id);
}
