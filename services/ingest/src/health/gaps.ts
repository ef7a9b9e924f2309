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

/** Takes a counter out of the hole it belongs to. @returns false when it is in none */
export function fillGap(gaps: UplinkGap[], session: string, counter: number): boolean {
  const gap = gaps.find(
    (one) => counter >= one.from && counter <= one.to && one.session === session && one.status !== 'filled',
  );
  if (!gap) return false;
  gap.recovered += 1;
  if (gap.recovered >= gap.to - gap.from + 1) gap.status = 'filled';
  return true;
}
