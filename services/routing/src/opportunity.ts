import type { AssetInput } from '@ronde/contracts';
import { mayServe } from './candidates.ts';
import type { Roster } from './fleet.ts';
import { nextOpportunityMs } from './shifts.ts';

/**
 * Gives, per asset, the moment until which it must hold out when it is left alone now. Glass that no vehicle collects at
 * night must hold out longer than litter that one collects round the clock.
 * @param ends per vehicle id, when the shift that could still serve the asset now is over
 */
export function createOpportunity(
  { vehicles, calendar }: Roster,
  ends: ReadonlyMap<string, number>,
  nowMs: number,
): (asset: AssetInput) => number {
  const known = new Map<string, number>();
  return (asset) => {
    const able = vehicles.filter((vehicle) => mayServe(vehicle, asset));
    const key = able.map(({ id }) => id).join();
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const fromMs = Math.max(nowMs, ...able.flatMap(({ id }) => ends.get(id) ?? []));
    const byMs = nextOpportunityMs(able, calendar, fromMs);
    known.set(key, byMs);
    return byMs;
  };
}
