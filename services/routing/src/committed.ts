import type { Round, Stop } from '@ronde/contracts';

/** Stops ahead that a new version may not touch: the current one and the next two. */
export const COMMITTED_STOPS = 3;

const ENDED = new Set(['done', 'skipped', 'problem']);

/** A round split into what happened, what is committed, and what may still change. */
export interface RoundParts {
  executed: Stop[];
  committed: Stop[];
  open: Stop[];
}

/** Splits a round: executed stops and the committed ones never move; a stop jumped over stays where it is. */
export function splitRound(round: Round): RoundParts {
  const executed = round.stops.filter(({ status }) => ENDED.has(status));
  const ahead = round.stops.filter(({ status }) => !ENDED.has(status));
  // a round nobody has started is not under way: nothing is committed yet, except where a crew has arrived
  const underWay = round.status === 'active';
  const committed = underWay ? ahead.slice(0, COMMITTED_STOPS) : [];
  return { executed, committed, open: ahead.slice(committed.length) };
}

/** What the vehicle has aboard: loads of stops done since it last tipped, kg. */
export function loadAboardKg(round: Round): number {
  let loadKg = 0;
  for (const stop of round.stops) {
    if (stop.status !== 'done') continue;
    loadKg = stop.kind === 'disposal' ? 0 : loadKg + (stop.loadKg ?? 0);
  }
  return loadKg;
}

/** Tells whether a stop's work is over, one way or another. */
export function isEnded(stop: Stop): boolean {
  return ENDED.has(stop.status);
}
