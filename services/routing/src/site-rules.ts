import type { Calendar, DisposalSite, TimeWindow } from '@ronde/contracts';
import type { QueuePeriod, QuietHours, Window } from '@ronde/solver';
import type { Meaning } from './build-problem.ts';
import { FRACTIONS } from './loads.ts';
import { openSpans, stepsOf, type Span } from './shifts.ts';
import type { SolverSite } from './under-way.ts';

/** Rules of a site beside its place and its hours: how tipping goes there, and what charges there. */
export function siteRulesOf(
  { tippingTimeS, weighInTimeS, queue, chargeKw, fractions }: DisposalSite,
  timeZone: string,
  within: Span,
): Omit<SolverSite, 'location' | 'windows'> {
  const periods = queuePeriods(queue ?? [], timeZone, within);
  return {
    tippingS: tippingTimeS,
    fractions: fractions.map((fraction) => FRACTIONS.indexOf(fraction)),
    // a weigh-in longer than all of tipping is a slip of the pen
    ...(weighInTimeS !== undefined && { weighInS: Math.min(weighInTimeS, tippingTimeS) }),
    ...(periods.length > 0 && { queue: periods }),
    ...(chargeKw !== undefined && { chargeKw }),
  };
}

/** A queue by the hour as waits by the second of a plan. */
function queuePeriods(
  queue: readonly (TimeWindow & { waitS: number })[],
  timeZone: string,
  within: Span,
): QueuePeriod[] {
  const hours = { timeZone, within, originMs: within.startMs };
  const steps = stepsOf(queue, hours, { valueOf: ({ waitS }) => waitS, usual: 0 });
  return steps.map(({ fromS, value }) => ({ fromS, waitS: value }));
}

/** Longest wait at a site whenever one comes. */
export function longestQueueS({ queue = [] }: Pick<SolverSite, 'queue'>): number {
  return Math.max(0, ...queue.map(({ waitS }) => waitS));
}

/** Hours of silence at the stops that a plan may still choose; what is promised to crews stays promised. */
export function quietHoursOf(
  quiet: Calendar['quietHours'],
  stops: readonly Meaning[],
  { timeZone, within }: { timeZone: string; within: Span },
): QuietHours[] {
  return (quiet ?? []).flatMap(({ fractions, areaIds, ...window }): QuietHours[] => {
    const spans = openSpans([window], timeZone, within).map(({ startMs, endMs }): Window => [
      Math.round((startMs - within.startMs) / 1000),
      Math.round((endMs - within.startMs) / 1000),
    ]);
    const concerned = stops.flatMap((meaning, index) =>
      meaning.kind === 'candidate' && isIn(areaIds, meaning.candidate.assets) ? [index] : [],
    );
    if (spans.length === 0 || concerned.length === 0) return [];
    return [
      {
        spans,
        stops: concerned,
        ...(fractions && { fractions: fractions.map((fraction) => FRACTIONS.indexOf(fraction)) }),
      },
    ];
  });
}

function isIn(areaIds: readonly string[] | undefined, assets: readonly { areaId?: string | undefined }[]): boolean {
  return !areaIds || assets.some(({ areaId }) => areaId !== undefined && areaIds.includes(areaId));
}
