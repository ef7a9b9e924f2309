import type { StoredCrewEvent } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import type { Vetoes } from './vetoes.ts';

/** Assets that a crew has just seen, and that a plan leaves alone for a while. */
export interface Rests {
  note(event: Pick<StoredCrewEvent, 'kind' | 'reason' | 'deviceAt'>, assetIds: readonly string[]): void;
  resting(nowMs: number): string[];
}

const HOUR_MS = 3_600_000;
/** Why an asset rests, and how long: what the crew saw does not change sooner. A stop skipped for want of time rests not at all. */
const REST_MS: Record<string, number> = {
  emptied: 3 * HOUR_MS,
  'skipped:not-full': 4 * HOUR_MS,
  'skipped:blocked': 3 * HOUR_MS,
  'skipped:closed': 3 * HOUR_MS,
  skipped: 2 * HOUR_MS,
  // declined for the place's sake; one declined for the crew's own reasons may go to another crew at once
  'declined:not-full': 4 * HOUR_MS,
  'declined:blocked': 3 * HOUR_MS,
  'declined:closed': 3 * HOUR_MS,
  'declined:unsafe': 3 * HOUR_MS,
  problem: 8 * HOUR_MS,
};

/** Gives a list without any asset. */
export function createRests(): Rests {
  const untilMs = new Map<string, number>();
  return {
    note({ kind, reason, deviceAt }, assetIds) {
      const restMs = REST_MS[reason === undefined ? kind : `${kind}:${reason}`] ?? 0;
      for (const id of assetIds) {
        if (restMs > 0) untilMs.set(id, Math.max(untilMs.get(id) ?? 0, Date.parse(deviceAt) + restMs));
        else if (kind === 'full' || kind === 'skipped') untilMs.delete(id);
      }
    },
    resting(nowMs) {
      for (const [id, ms] of untilMs) if (ms <= nowMs) untilMs.delete(id);
      return [...untilMs.keys()];
    },
  };
}

const RECENT = 1000;

/** Remembers what crews saw, and what they declined, before a restart. */
export async function loadRests(
  rests: Rests,
  { registry, tenant, vetoes }: { registry: Registry; tenant: string; vetoes: Vetoes },
): Promise<void> {
  const { items } = await registry.crewEvents.list(tenant, { limit: RECENT, descending: true });
  const stopAssets = new Map<string, string[]>();
  const endsMs = new Map<string, number>();
  for (const roundId of new Set(items.map((event) => event.roundId))) {
    const round = await registry.rounds.get(tenant, roundId);
    if (round) endsMs.set(roundId, Date.parse(round.endsAt));
    for (const { id, assetIds } of round?.stops ?? []) stopAssets.set(`${roundId}/${id}`, assetIds);
  }
  for (const event of items.toReversed()) {
    const assetIds =
      event.assetId === undefined ? (stopAssets.get(`${event.roundId}/${event.stopId}`) ?? []) : [event.assetId];
    rests.note(event, assetIds);
    vetoes.note(event, assetIds, endsMs.get(event.roundId) ?? Date.parse(event.deviceAt));
  }
}
