import type { Calendar, DisposalSite, TimeWindow } from '@ronde/contracts';
import type { QueuePeriod, QuietHours, Window } from '@ronde/solver';
import type { Meaning } from './build-problem.ts';
import { FRACTIONS } from './loads.ts';
import { openSpans, type Span } from './shifts.ts';
import type { SolverSite } from './under-way.ts';

const DAY_MS = 86_400_000;

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

/** Turns a queue by the hour into waits by the second of a plan; where two entries hold, the first one counts. */
function queuePeriods(
  queue: readonly (TimeWindow & { waitS: number })[],
  timeZone: string,
  within: Span,
): QueuePeriod[] {
  const spans = queue.flatMap((entry) =>
    openSpans([entry], timeZone, within).map((span) => ({ ...span, waitS: entry.waitS })),
  );
  const waitAt = (ms: number): number => spans.find(({ startMs, endMs }) => startMs <= ms && ms < endMs)?.waitS ?? 0;
  const changes = [...new Set(spans.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const periods = changes.map((ms) => ({ fromS: Math.round((ms - within.startMs) / 1000), waitS: waitAt(ms) }));
  return periods.filter(({ waitS }, index) => waitS !== (periods[index - 1]?.waitS ?? 0));
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

/** Gives when the waste of an asset has waited as long as it may: its own limit, or the strictest of its fractions. */
export function dueMsOf(
  { maxDwellDays, fractions }: { maxDwellDays?: number | undefined; fractions: readonly string[] },
  limits: Calendar['maxDwellDays'],
  servedMs: number | undefined,
): number | undefined {
  const byFraction: Partial<Record<string, number>> = limits ?? {};
  const days = maxDwellDays ?? Math.min(...fractions.map((fraction) => byFraction[fraction] ?? Infinity));
  // nobody ever told of an emptying: there is nothing to count from
  return servedMs === undefined || !Number.isFinite(days) ? undefined : servedMs + days * DAY_MS;
}
