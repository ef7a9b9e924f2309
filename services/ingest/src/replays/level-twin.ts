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
  /** Plays everything measured before a moment; what comes later of earlier times counts as late, as it does live. */
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
const SIDES: readonly Side[] = ['before', 'after'];
const NO_STORE: Pick<ReadingsStore, 'lastValues' | 'series'> = {
  lastValues: async () => [],
  series: async () => ({ items: [] }),
};

export function createLevelTwin({ readings, tenant, fromMs, spans }: LevelTwinParts): LevelTwin {
  /** Changed fills by asset, then by identity; null = no longer there. */
  const changed = new Map<string, Map<string, Reading | null>>();
  /** Until when each asset has been played. */
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
    const overlay = changed.get(assetId) ?? new Map<string, Reading | null>();
    const sinceMs = played.get(assetId);
    if (sinceMs === undefined) await begin(assetId);
    const query = { tenant, assetId, quantity: 'fill' as const, fromMs: sinceMs ?? fromMs, toMs: untilMs };
    const stored: Reading[] = [];
    for await (const reading of pages(readings, query)) stored.push(reading);
    const known = new Set(stored.map(identityOf));
    const replaced = stored.flatMap((reading) => {
      const other = overlay.get(identityOf(reading));
      return other === undefined ? [reading] : other === null ? [] : [other];
    });
    const added = [...overlay].flatMap(([key, reading]) => (reading && !known.has(key) ? [reading] : []));
    for (const reading of stored.sort(byReceipt)) feed('before', assetId, reading);
    for (const reading of [...replaced, ...added].sort(byReceipt)) feed('after', assetId, reading);
    played.set(assetId, untilMs);
  }

  async function begin(assetId: string): Promise<void> {
    const last = {
      tenant,
      assetId,
      quantity: 'fill' as const,
      fromMs: 0,
      toMs: fromMs,
      limit: LOOK_BACK,
      descending: true,
    };
    const { items } = await readings.series(last);
    for (const reading of items.reverse()) for (const side of SIDES) feed(side, assetId, reading);
  }

  return {
    waiting: () => waiting,
    note(changes) {
      for (const { was, now } of changes) {
        const reading = (now ?? was)!;
        if (reading.quantity !== 'fill' || reading.assetId === null) continue;
        const overlay = changed.get(reading.assetId) ?? new Map<string, Reading | null>();
        changed.set(reading.assetId, overlay);
        overlay.set(identityOf(reading), now);
        waiting += 1;
      }
    },
    async settle(untilMs) {
      for (const assetId of new Set([...played.keys(), ...changed.keys()])) await play(assetId, untilMs);
      changed.clear();
      waiting = 0;
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
