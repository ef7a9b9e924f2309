import type { Reading } from '@ronde/contracts';
import { createLiveState, isFull, verdictsOf, type LiveState, type ReadingsStore } from '@ronde/readings';
import type { Change } from './diff-page.ts';
import type { IncidentSpans, Side } from './incident-spans.ts';
import { identityOf } from './stored-readings.ts';

/**
 * Follows the state of assets twice, over the readings as stored and as decoded again, by the very rules that keep it
 * live. Changes are noted as frames go by; `settle` then reads what else the store holds of those assets (other sensors,
 * crews) and plays both series in the order of receipt.
 */
export interface LevelTwin {
  note(changes: readonly Change[]): void;
  /** How many changes wait for `settle`. */
  waiting(): number;
  /** Plays everything received before a moment. */
  settle(untilMs: number): Promise<void>;
  /** Hours an asset was full on each side; both 0 for assets without changes. */
  fullHours(assetId: string): Record<Side, number>;
}

export interface LevelTwinParts {
  readings: Pick<ReadingsStore, 'series'>;
  tenant: string;
  fromMs: number;
  spans: IncidentSpans;
}

interface Play {
  live: LiveState;
  nowMs: number;
  /** Since when an asset has been full, and how long it was before. */
  full: Map<string, { sinceMs: number | null; totalMs: number }>;
}

const PAGE = 5_000;
/** What an asset was before the span is told by its last readings. */
const LOOK_BACK = 60;
const HOUR_MS = 3_600_000;
/** A tablet or gateway without a connection delivers within a day. */
const LATE_MS = 24 * HOUR_MS;
/** As far ahead as ingest lets a sensor's clock be. */
const AHEAD_MS = 10 * 60_000;
const SIDES: readonly Side[] = ['before', 'after'];
const NO_STORE: Pick<ReadingsStore, 'lastValues' | 'series'> = {
  lastValues: async () => [],
  series: async () => ({ items: [] }),
};

export function createLevelTwin({ readings, tenant, fromMs, spans }: LevelTwinParts): LevelTwin {
  /** Changed fills by asset, then by identity. */
  const changed = new Map<string, Map<string, Change>>();
  /** Until which receipt each asset has been played. */
  const played = new Map<string, number>();
  const plays = { before: openPlay(tenant), after: openPlay(tenant) };
  let waiting = 0;

  function feed(side: Side, assetId: string, reading: Reading): void {
    const play = plays[side];
    play.nowMs = Date.parse(reading.receivedAt);
    play.live.apply([reading]);
    const state = play.live.get(assetId);
    const wish = verdictsOf({ ...state, silent: false }).find(({ kind }) => kind === 'asset-full')?.wish;
    const subject = { kind: 'asset-full', assetId } as const;
    if (wish === 'open') spans.open(side, subject, play.nowMs);
    if (wish === 'resolve') spans.close(side, subject, play.nowMs);
    const full = play.full.get(assetId) ?? { sinceMs: null, totalMs: 0 };
    play.full.set(assetId, full);
    if (full.sinceMs !== null) full.totalMs += Math.max(0, play.nowMs - Math.max(full.sinceMs, fromMs));
    full.sinceMs = isFull(state.fill) ? play.nowMs : null;
  }

  async function play(assetId: string, untilMs: number): Promise<void> {
    const due = takeDue(assetId, untilMs);
    const sinceMs = played.get(assetId) ?? fromMs;
    if (!played.has(assetId)) await begin(assetId);
    // what others sent late is looked for a while back, what changed as far back as it lies
    const oldestMs = [...due.values()].reduce(
      (oldest, change) => Math.min(oldest, Date.parse(of(change).at)),
      Infinity,
    );
    const span = { fromMs: Math.min(oldestMs, sinceMs - LATE_MS), toMs: untilMs + AHEAD_MS };
    const stored: Reading[] = [];
    for await (const reading of pages(readings, { tenant, assetId, quantity: 'fill', ...span })) {
      const receivedMs = Date.parse(reading.receivedAt);
      if (receivedMs >= sinceMs && receivedMs < untilMs) stored.push(reading);
    }
    const known = new Set(stored.map(identityOf));
    const replaced = stored.flatMap((reading) => {
      const change = due.get(identityOf(reading));
      return change ? (change.now ?? []) : reading;
    });
    const added = [...due].flatMap(([key, { now }]) => (now && !known.has(key) ? now : []));
    for (const reading of stored.sort(byReceipt)) feed('before', assetId, reading);
    for (const reading of [...replaced, ...added].sort(byReceipt)) feed('after', assetId, reading);
    played.set(assetId, untilMs);
  }

  /** Takes the changes out that were received before a moment. */
  function takeDue(assetId: string, untilMs: number): Map<string, Change> {
    const all = [...(changed.get(assetId) ?? [])];
    const [due = [], later = []] = [true, false].map((isDue) =>
      all.filter(([, change]) => Date.parse(of(change).receivedAt) < untilMs === isDue),
    );
    if (later.length > 0) changed.set(assetId, new Map(later));
    else changed.delete(assetId);
    waiting -= due.length;
    return new Map(due);
  }

  async function begin(assetId: string): Promise<void> {
    const last = { tenant, assetId, quantity: 'fill' as const, fromMs: 0, toMs: fromMs, descending: true };
    const { items } = await readings.series({ ...last, limit: LOOK_BACK });
    const before = items.reverse().filter(({ receivedAt }) => Date.parse(receivedAt) < fromMs);
    for (const reading of before) for (const side of SIDES) feed(side, assetId, reading);
  }

  return {
    waiting: () => waiting,
    note(changes) {
      for (const change of changes) {
        const { quantity, assetId } = of(change);
        if (quantity !== 'fill' || assetId === null) continue;
        const known = changed.get(assetId) ?? new Map<string, Change>();
        changed.set(assetId, known);
        if (!known.has(identityOf(of(change)))) waiting += 1;
        known.set(identityOf(of(change)), change);
      }
    },
    async settle(untilMs) {
      for (const assetId of new Set([...played.keys(), ...changed.keys()])) await play(assetId, untilMs);
    },
    fullHours(assetId) {
      const hoursOf = (side: Side): number => {
        const { sinceMs = null, totalMs = 0 } = plays[side].full.get(assetId) ?? {};
        const untilMs = played.get(assetId) ?? fromMs;
        const lasting = sinceMs === null ? 0 : Math.max(0, untilMs - Math.max(sinceMs, fromMs));
        return (totalMs + lasting) / HOUR_MS;
      };
      return { before: hoursOf('before'), after: hoursOf('after') };
    },
  };
}

function of({ was, now }: Change): Reading {
  return (now ?? was)!;
}

function openPlay(tenant: string): Play {
  const play: Play = {
    nowMs: 0,
    full: new Map(),
    live: createLiveState({
      readings: NO_STORE,
      clock: { nowMs: () => play.nowMs },
      tenant,
      expectedIntervalS: () => undefined,
    }),
  };
  return play;
}

function byReceipt(a: Reading, b: Reading): number {
  return Date.parse(a.receivedAt) - Date.parse(b.receivedAt) || Date.parse(a.at) - Date.parse(b.at);
}

async function* pages(
  readings: Pick<ReadingsStore, 'series'>,
  query: { tenant: string; assetId: string; quantity: 'fill'; fromMs: number; toMs: number },
): AsyncGenerator<Reading> {
  let after: string | undefined;
  do {
    const page = await readings.series({ ...query, limit: PAGE, ...(after !== undefined && { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
