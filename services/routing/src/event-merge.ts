import type { AssetInput, CrewEvent, Round, Stop, StopConflict, StoredCrewEvent } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import { isEnded } from './committed.ts';
import type { RoundStore } from './round-store.ts';

/** What is stored of the stop that an event is about, this event aside. */
export async function earlierEvents(
  { registry, tenant }: { registry: Registry; tenant: string },
  event: CrewEvent,
): Promise<StoredCrewEvent[]> {
  const known = await registry.crewEvents.all(tenant, { roundId: event.roundId });
  return known.filter(({ id, stopId }) => stopId === event.stopId && id !== event.id);
}

/** Puts a stop that a later version gave away back where it was served: what was done belongs to who did it. */
export function withStop(round: Round, stop: Stop): Round {
  if (round.stops.some(({ id }) => id === stop.id)) return round;
  const executed = round.stops.filter(isEnded);
  const ahead = round.stops.filter((other) => !isEnded(other));
  const stops = [...executed, { ...stop, status: 'planned' as const }, ...ahead];
  return { ...round, stops: stops.map((other, place) => ({ ...other, seq: place + 1 })) };
}

/** The contradiction that an event brought to its stop. */
export function conflictOf(before: Round, after: Round, { id }: Stop): StopConflict | undefined {
  const conflictsIn = (round: Round) => round.stops.find((stop) => stop.id === id)?.conflicts ?? [];
  const known = new Set(conflictsIn(before).map(({ eventId }) => eventId));
  return conflictsIn(after).find(({ eventId }) => !known.has(eventId));
}

/**
 * A crew that was offline emptied what a plan gave to another crew meanwhile: that crew is told on its own stop, which
 * stays until it or the next plan ends it.
 */
export function doneElsewhere(
  { rounds }: { rounds: Pick<RoundStore, 'open'> },
  event: StoredCrewEvent,
  { round, assets }: { round: Round; assets: AssetInput[] },
): { conflict: StopConflict; rounds: Round[] } | undefined {
  if (event.kind !== 'emptied') return undefined;
  const ids = new Set(assets.map(({ id }) => id));
  const isConcerned = (stop: Stop): boolean => !isEnded(stop) && stop.assetIds.some((id) => ids.has(id));
  const others = rounds.open().filter((other) => other.id !== round.id && other.stops.some(isConcerned));
  if (others.length === 0) return undefined;
  const text = `emptied at ${event.deviceAt.slice(11, 16)} UTC by ${event.vehicleId} already`;
  const conflict: StopConflict = {
    eventId: event.id,
    kind: event.kind,
    deviceAt: event.deviceAt,
    code: 'emptied-elsewhere',
    vehicleId: event.vehicleId,
    text,
  };
  const told = others.map((other) => ({
    ...other,
    stops: other.stops.map((stop) =>
      isConcerned(stop) && !stop.conflicts?.some(({ eventId }) => eventId === event.id)
        ? { ...stop, conflicts: [...(stop.conflicts ?? []), conflict] }
        : stop,
    ),
  }));
  const whole = { ...conflict, text: `${text}, and still in the round of ${others[0]!.vehicleId}` };
  return { conflict: whole, rounds: told };
}
