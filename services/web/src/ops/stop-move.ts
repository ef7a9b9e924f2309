import { signal } from '@preact/signals';
import type { MoveInput, MoveObstacle, MoveQuote, Round, Stop } from '@ronde/contracts';
import { formatDistance, formatDuration, formatEuro, signed } from '../shared/i18n/format.ts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { call } from '../shared/rest.ts';
import { roundName, rounds, stopName } from './state.ts';
import { sayObstacle, t } from './text.ts';

/** Where a stop goes: behind that stop of that round, or first among its stops that may still change (null). */
export interface Place {
  roundId: string;
  behindStopId: string | null;
}

/** A price, and the tag by which the rounds that it holds for are told. */
export interface Priced {
  quote: MoveQuote;
  tag: string;
}

type PriceAnswer = ({ ok: true } & Priced) | { ok: false; reason: string };

/** A move that its operator may still take back. */
export interface Moved {
  name: string;
  vehicle: string;
  back: MoveInput;
}

/** What was moved last on this screen; until the next one, or until it is taken back or put away. */
export const lastMove = signal<Moved | undefined>(undefined);

/** Asks what a move costs; nothing changes. */
export async function priceMove(move: MoveInput): Promise<PriceAnswer> {
  const answer = await call<MoveQuote>('/v1/stop-moves/quotes', { method: 'POST', body: move });
  if (!answer.ok) return { ok: false, reason: problemLine(answer.problem) };
  return { ok: true, quote: answer.value, tag: answer.etag ?? '' };
}

/** Makes a move at the price that was shown; the answer is what went wrong, or nothing. */
export async function commitMove(move: MoveInput, { quote, tag }: Priced): Promise<string> {
  const from = rounds.get(move.roundId);
  const stop = from?.stops.find(({ id }) => id === move.stopId);
  const answer = await call<{ rounds: Round[] }>('/v1/stop-moves', {
    method: 'POST',
    body: { ...move, ...(!quote.feasible && { force: true }) },
    ifMatch: tag,
  });
  if (!answer.ok) return problemLine(answer.problem);
  // the live channel brings the same a moment later
  rounds.merge(answer.value.rounds);
  lastMove.value = from && stop && movedOf(from, stop, { move, after: answer.value.rounds });
  return '';
}

/** Puts the last moved stop back; the answer is what stands in the way, or nothing. */
export async function takeBack({ back }: Moved): Promise<string> {
  const priced = await priceMove(back);
  if (!priced.ok) return priced.reason;
  const barred = priced.quote.obstacles.filter(({ hard }) => hard);
  if (barred.length > 0) return barred.map(sayObstacle).join('; ');
  const fault = await commitMove(back, priced);
  if (fault === '') lastMove.value = undefined;
  return fault;
}

/** What the way back of a move is; undefined when the stop cannot be found where it went. */
function movedOf(
  from: Round,
  stop: Stop,
  { move, after }: { move: MoveInput; after: readonly Round[] },
): Moved | undefined {
  const to = after.find(({ id }) => id === (move.toRoundId ?? move.roundId));
  const there = to?.stops.find(
    ({ assetIds, status }) => status === 'planned' && assetIds.join() === stop.assetIds.join(),
  );
  if (!to || !there) return undefined;
  const before = from.stops[from.stops.indexOf(stop) - 1];
  return {
    name: stopName(stop),
    vehicle: roundName(to),
    back: {
      roundId: to.id,
      stopId: there.id,
      toRoundId: from.id,
      behindStopId: before?.status === 'planned' ? before.id : null,
      undo: true,
    },
  };
}

export const isBarred = (obstacles: readonly MoveObstacle[]): boolean => obstacles.some(({ hard }) => hard);

/** What a move costs and what stands in its way. */
export function sayPrice({ costEur, distanceM, durationS, obstacles }: MoveQuote): string {
  const said = obstacles.map(sayObstacle);
  if (isBarred(obstacles)) return said.join('; ');
  const price = [
    signed(costEur, formatEuro),
    signed(distanceM, formatDistance),
    signed(durationS, formatDuration),
  ].join(', ');
  return [price, ...said].join('; ');
}

/** A place in words: "Wagen 2, na 12. Neude 4". */
export function sayPlace({ roundId, behindStopId }: Place): string {
  const round = rounds.get(roundId);
  const vehicle = round ? roundName(round) : roundId;
  const behind = round?.stops.find(({ id }) => id === behindStopId);
  if (!behind) return t('movePlaceFirst', { vehicle });
  return t('movePlace', { vehicle, stop: `${behind.seq}. ${stopName(behind)}` });
}
