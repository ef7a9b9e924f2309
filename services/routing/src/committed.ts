import type { Fraction, LoadPart, Round, Stop } from '@ronde/contracts';

/** Stops ahead that a new version may not touch: the current one and the next two. */
export const COMMITTED_STOPS = 3;

const ENDED = new Set(['done', 'skipped', 'problem']);

/** A round split into what happened, what is committed, and what may still change. */
export interface RoundParts {
  executed: Stop[];
  committed: Stop[];
  open: Stop[];
}

/** Splits a round: executed stops and the committed ones never move. The stop a crew is at counts as the current one. */
export function splitRound(round: Round, commit = COMMITTED_STOPS): RoundParts {
  const executed = round.stops.filter(isEnded);
  const ahead = round.stops.filter((stop) => !isEnded(stop));
  // a crew may take another stop first; where it came last is where it is
  const reached = ahead.filter(({ status }) => status === 'arrived').sort((a, b) => arrivalMs(b) - arrivalMs(a));
  const order = [...reached, ...ahead.filter((stop) => !reached.includes(stop))];
  // a round nobody has started is not under way: nothing is committed yet
  const count = round.status === 'active' ? Math.max(commit, reached.length) : 0;
  return { executed, committed: order.slice(0, count), open: order.slice(count) };
}

function arrivalMs({ arrivedAt, eta }: Stop): number {
  return Date.parse(arrivedAt ?? eta);
}

/**
 * Adds up what is aboard by fraction: what the round began with, and the loads of stops done since the last tipping, in the
 * order in which the crew did them.
 * @param usual the fraction of stops that name none
 */
export function aboardOf(round: Round, usual: Fraction): LoadPart[] {
  let aboard = new Map((round.aboardAtStart ?? []).map((part) => [part.fraction, { ...part }]));
  const done = round.stops.filter(({ status }) => status === 'done');
  for (const stop of done.toSorted((a, b) => endMs(a) - endMs(b))) {
    if (stop.kind === 'disposal') aboard = new Map();
    else for (const part of partsOf(stop, usual)) add(aboard, part);
  }
  return [...aboard.values()];
}

/** What a stop brings aboard, by fraction. */
export function partsOf({ parts, fraction, loadKg = 0, loadL = 0 }: Stop, usual: Fraction): LoadPart[] {
  return parts ?? [{ fraction: fraction ?? usual, loadKg, loadL }];
}

function add(aboard: Map<Fraction, LoadPart>, { fraction, loadKg, loadL }: LoadPart): void {
  const known = aboard.get(fraction) ?? { fraction, loadKg: 0, loadL: 0 };
  aboard.set(fraction, { fraction, loadKg: known.loadKg + loadKg, loadL: known.loadL + loadL });
}

/** Gives the stop a crew is at or was at last, and whether it is still there; undefined before the first. */
export function whereabouts(round: Round): { stop: Stop; there: boolean } | undefined {
  const [current] = splitRound(round).committed;
  if (current?.status === 'arrived') return { stop: current, there: true };
  const last = round.stops
    .filter(isEnded)
    .reduce<Stop | undefined>((latest, stop) => (latest && endMs(latest) > endMs(stop) ? latest : stop), undefined);
  return last && { stop: last, there: false };
}

function endMs({ endedAt, eta }: Stop): number {
  return Date.parse(endedAt ?? eta);
}

/** Tells whether a stop's work is over, one way or another. */
export function isEnded(stop: Stop): boolean {
  return ENDED.has(stop.status);
}
