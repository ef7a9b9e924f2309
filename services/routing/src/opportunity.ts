import type { AssetInput, DisposalSite } from '@ronde/contracts';
import { mayServe } from './candidates.ts';
import type { Roster } from './fleet.ts';
import { fractionOf } from './loads.ts';
import { nextOpportunityMs, openSpans, type Span } from './shifts.ts';

/** Whether some tip is open at some time of a shift; where none is known, nothing stands in the way. */
function isOneOpen(tips: DisposalSite[], timeZone: string, shift: Span): boolean {
  return (
    tips.length === 0 ||
    tips.some(({ openingHours }) => !openingHours?.length || openSpans(openingHours, timeZone, shift).length > 0)
  );
}

/**
 * Gives, per asset, the moment until which it must hold out when it is left alone now. Glass that no vehicle collects at
 * night must hold out longer than litter that one collects round the clock.
 * @param ends per vehicle id, when the shift that could still serve the asset now is over
 */
export function createOpportunity(
  { vehicles, calendar, sites }: Roster & { sites?: DisposalSite[] },
  ends: ReadonlyMap<string, number>,
  nowMs: number,
): (asset: AssetInput) => number {
  const known = new Map<string, number>();
  return (asset) => {
    const able = vehicles.filter((vehicle) => mayServe(vehicle, asset));
    const fractions = new Set(asset.chambers.map(({ id }) => fractionOf(asset, id)));
    const key = [...able.map(({ id }) => id), '|', ...fractions].join();
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const fromMs = Math.max(nowMs, ...able.flatMap(({ id }) => ends.get(id) ?? []));
    const tips = (sites ?? []).filter((site) => site.fractions.some((fraction) => fractions.has(fraction)));
    const byMs = nextOpportunityMs(able, calendar, fromMs, (shift) => isOneOpen(tips, calendar.timeZone, shift));
    known.set(key, byMs);
    return byMs;
  };
}
