import type { CrewEvent, Round, Stop, StopStatus } from '@ronde/contracts';

/** Statuses after which a stop asks nothing more of the crew. */
const ENDED: readonly StopStatus[] = ['done', 'skipped', 'problem'];

export const isEnded = (stop: Pick<Stop, 'status'>): boolean => ENDED.includes(stop.status);

/**
 * Shows a round as the crew left it: the server's version with the events it does not have yet applied to it, by the
 * server's own rules. A stop emptied here stays emptied, whatever version arrives meanwhile.
 */
export function overlay(round: Round, events: readonly CrewEvent[]): Round {
  const own = events.filter(({ roundId }) => roundId === round.id);
  if (own.length === 0) return round;
  const byStop = Map.groupBy(own, ({ stopId }) => stopId);
  const stops = round.stops.map((stop) => {
    const status = (byStop.get(stop.id) ?? []).reduce(statusAfter, stop.status);
    return status === stop.status ? stop : { ...stop, status };
  });
  return { ...round, status: round.status === 'published' ? 'active' : round.status, stops };
}

function statusAfter(from: StopStatus, { kind }: CrewEvent): StopStatus {
  const to = (
    {
      arrived: 'arrived',
      emptied: 'done',
      skipped: 'skipped',
      declined: 'skipped',
      problem: 'problem',
      full: undefined,
      rested: undefined,
    } as const
  )[kind];
  if (to === undefined || from === 'done') return from;
  return to === 'arrived' && from !== 'planned' ? from : to;
}

/** The stop to do: the one the crew chose unless it is emptied (a skipped one may still be done), else the first open one. */
export function currentStop(round: Round, chosenId: string | undefined): Stop | undefined {
  const chosen = round.stops.find(({ id, status }) => id === chosenId && status !== 'done');
  return chosen ?? round.stops.find((stop) => !isEnded(stop));
}

/** True while a break is to come of which nothing is told, not even by an event that the server does not have yet. */
export function hasBreakToTell({ id, breaks = [] }: Round, events: readonly CrewEvent[]): boolean {
  const isTold = events.some(({ roundId, kind }) => roundId === id && kind === 'rested');
  return !isTold && breaks.some(({ taken }) => !taken);
}

/** The round a tablet shows: the one chosen, else the one under way, else the first to start. */
export function chooseRound(rounds: readonly Round[], chosenId: string | undefined): Round | undefined {
  const open = rounds.filter(({ status }) => status === 'active' || status === 'published');
  const byStart = open.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  return open.find(({ id }) => id === chosenId) ?? byStart.find(({ status }) => status === 'active') ?? byStart[0];
}

/** Where to report a full vehicle: a tipping stop if there is one, since that holds no bins that would count as full. */
export function stopForFullVehicle(round: Round, current: Stop | undefined): Stop | undefined {
  const tipping = round.stops.filter(({ kind }) => kind === 'disposal');
  return tipping.find((stop) => !isEnded(stop)) ?? tipping.at(-1) ?? current;
}
