import type { Round, RoundChange, Stop } from '@ronde/contracts';
import { isEnded } from './committed.ts';

const RETIMED_FROM_MS = 10 * 60_000;

/** Where stops come from and go to, among the rounds of one plan: the name of the other vehicle. */
export interface Neighbourhood {
  cameFrom(stop: Stop, round: Round): string | undefined;
  goesTo(stop: Stop, round: Round): string | undefined;
}

const ALONE: Neighbourhood = { cameFrom: () => undefined, goesTo: () => undefined };

/** Tells a crew what is different in a new version of its round, a sentence per change. */
export function diffRounds(
  before: Round | undefined,
  after: Round,
  { cameFrom, goesTo }: Neighbourhood = ALONE,
): RoundChange[] {
  if (!before) return [];
  const old = new Map(before.stops.map((stop) => [stop.id, stop]));
  const kept = new Set(after.stops.map(({ id }) => id));
  const removed = before.stops
    .filter((stop) => !kept.has(stop.id) && !isEnded(stop))
    .map((stop): RoundChange => {
      const to = goesTo(stop, after);
      const text = to ? `${title(stop)} goes to ${to}` : `${title(stop)} dropped from the round`;
      return { kind: 'removed', stopId: stop.id, text, place: title(stop), ...(to !== undefined && { vehicle: to }) };
    });
  const added = after.stops
    .filter(({ id }) => !old.has(id))
    .map((stop): RoundChange => {
      const from = cameFrom(stop, after);
      const how = from ? `taken over from ${from}` : 'added';
      const { id: stopId, seq, eta, why } = stop;
      const text = `${title(stop)} ${how}: ${stop.reason}`;
      const told = { ...(from !== undefined && { vehicle: from }), ...(why && { why }) };
      return { kind: 'added', stopId, text, place: title(stop), seq, eta, ...told };
    });
  return [...added, ...removed, ...movedOf(before, after), ...retimedOf(old, after), ...restsOf(before, after)];
}

/** Stops that both versions have and whose place among each other changed. */
function movedOf(before: Round, after: Round): RoundChange[] {
  const common = new Set(before.stops.map(({ id }) => id));
  const order = after.stops.filter(({ id }) => common.has(id));
  const inAfter = new Set(order.map(({ id }) => id));
  const previous = before.stops.filter(({ id }) => inAfter.has(id)).map(({ id }) => id);
  const stayed = new Set(
    longestCommon(
      previous,
      order.map(({ id }) => id),
    ),
  );
  return order
    .filter(({ id }) => !stayed.has(id))
    .map((stop) => {
      const { id: stopId, seq, eta } = stop;
      return { kind: 'moved', stopId, text: `${title(stop)} is now stop ${seq}`, place: title(stop), seq, eta };
    });
}

/** The longest order of ids that both lists keep (both hold the same ids once): a longest increasing subsequence. */
function longestCommon(before: string[], after: string[]): string[] {
  const place = new Map(before.map((id, index) => [id, index]));
  const places = after.map((id) => place.get(id)!);
  const best = places.map(() => 1);
  const from = places.map(() => -1);
  let end = -1;
  for (let i = 0; i < places.length; i++) {
    for (let j = 0; j < i; j++) {
      if (places[j]! < places[i]! && best[j]! + 1 > best[i]!) {
        best[i] = best[j]! + 1;
        from[i] = j;
      }
    }
    if (end < 0 || best[i]! > best[end]!) end = i;
  }
  const chain: string[] = [];
  for (let i = end; i >= 0; i = from[i]!) chain.push(after[i]!);
  return chain;
}

function retimedOf(old: Map<string, Stop>, after: Round): RoundChange[] {
  const last = after.stops.findLast(({ status }) => status === 'planned');
  const was = last && old.get(last.id);
  if (!last || !was || Math.abs(Date.parse(last.eta) - Date.parse(was.eta)) < RETIMED_FROM_MS) return [];
  return [
    {
      kind: 'retimed',
      stopId: last.id,
      text: `last stop at ${last.eta.slice(11, 16)} UTC instead of ${was.eta.slice(11, 16)}`,
      place: title(last),
      eta: last.eta,
      etaBefore: was.eta,
    },
  ];
}

/** Breaks ahead that come at another time or another place than the crew knows. */
function restsOf(before: Round, after: Round): RoundChange[] {
  const open = new Map(after.stops.filter((stop) => !isEnded(stop)).map((stop) => [stop.id, stop]));
  const aheadIn = ({ breaks = [] }: Round) => breaks.filter(({ taken, stopId }) => !taken && open.has(stopId));
  const known = aheadIn(before);
  return aheadIn(after).flatMap(({ stopId, startsAt, place }, index): RoundChange[] => {
    const was = known[index];
    const isSame = was?.stopId === stopId && was.place === place;
    if (isSame && Math.abs(Date.parse(startsAt) - Date.parse(was.startsAt)) < RETIMED_FROM_MS) return [];
    const where = `${place} ${title(open.get(stopId)!)}`;
    const than = was ? ` instead of ${was.startsAt.slice(11, 16)}` : '';
    const text = `break at ${startsAt.slice(11, 16)} UTC${than}, ${where}`;
    const told = { place: title(open.get(stopId)!), eta: startsAt, breakPlace: place };
    return [{ kind: 'retimed', stopId, text, ...told, ...(was && { etaBefore: was.startsAt }) }];
  });
}

function title(stop: Stop): string {
  return stop.name ?? stop.assetIds[0] ?? stop.siteId ?? stop.id;
}
