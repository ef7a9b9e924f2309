import type { UplinkGap } from '@ronde/contracts';

const GAPS_KEPT = 200;

/** Notes counters that are missing; the oldest hole is let go when there are too many. */
export function noteGap(
  gaps: UplinkGap[],
  { session, from, to, atMs }: { session: string; from: number; to: number; atMs: number },
): void {
  gaps.push({ session, from, to, noticedAt: new Date(atMs).toISOString(), status: 'open', recovered: 0 });
  if (gaps.length > GAPS_KEPT) gaps.shift();
}

/**
 * Takes a counter out of the hole it belongs to; `span` is after how many it begins anew, since what comes late carries only
 * the low bits. @returns false when it is in none
 */
export function fillGap(
  gaps: UplinkGap[],
  session: string,
  { counter, span }: { counter: number; span: number },
): boolean {
  const gap = gaps.find(
    ({ from, to, session: of, status }) =>
      of === session && status !== 'filled' && from + ((((counter - from) % span) + span) % span) <= to,
  );
  if (!gap) return false;
  gap.recovered += 1;
  if (gap.recovered >= gap.to - gap.from + 1) {
    gap.status = 'filled';
    delete gap.reason;
  }
  return true;
}
