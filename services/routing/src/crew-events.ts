import {
  type AssetInput,
  type CrewEvent,
  type CrewEventAck,
  type Fraction,
  type Incident,
  type Reading,
  type Round,
  type Stop,
  type StopConflict,
  type StoredCrewEvent,
} from '@ronde/contracts';
import { newId, type Clock, type Logger } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import { fractionOf } from './loads.ts';
import type { Learnings } from './learnings.ts';
import type { Rests } from './rests.ts';
import type { RoundStore } from './round-store.ts';
import { conflictOf, doneElsewhere, earlierEvents, withStop } from './event-merge.ts';
import { advanceRound } from './stop-progress.ts';
import type { Verdicts } from './verdicts.ts';
import type { Vetoes } from './vetoes.ts';

/** Takes what crews report: stores it once, moves the round on, and makes an emptied bin zero at once. */
export interface CrewEvents {
  /** Handles one event of a crew (null = an operator may speak for any crew). Safe to repeat with the same id. */
  take(event: CrewEvent, crewId: string | null): Promise<CrewEventAck>;
}

export interface CrewEventsDeps {
  registry: Registry;
  readings: ReadingsStore;
  bus: Bus;
  clock: Clock;
  log: Logger;
  rounds: RoundStore;
  tenant: string;
  verdicts: Verdicts;
  rests: Rests;
  vetoes: Pick<Vetoes, 'note'>;
  learnings: Pick<Learnings, 'done' | 'declined' | 'visited'>;
  /** Fill of an asset just before the crew came, 0..1; undefined when nothing is known. */
  levelOf(assetId: string): number | undefined;
  /** Called after an event changed what a plan rests on. */
  onConsequence(event: StoredCrewEvent, round: Round): void;
}

const CLOCK_AHEAD_MS = 10 * 60_000;
const OLDEST_MS = Date.UTC(2000, 0, 1);

/** Gives the handler of crew events. */
export function createCrewEvents(deps: CrewEventsDeps): CrewEvents {
  const { registry, bus, clock, rounds, tenant } = deps;

  const take = async (event: CrewEvent, crewId: string | null): Promise<CrewEventAck> => {
    if (await registry.crewEvents.get(tenant, event.id)) return { id: event.id, status: 'duplicate' };
    const found = await whatItNames(deps, event, crewId);
    if ('fault' in found) return { id: event.id, status: 'rejected', ...found };
    const { round, stop, assets } = found;
    const stored: StoredCrewEvent = {
      ...event,
      receivedAt: clock.iso(),
      vehicleId: round.vehicleId,
      ...(await verdictOf(deps, event, assets)),
    };
    const before = new Map(assets.map(({ id }) => [id, deps.levelOf(id) ?? 1]));
    // the event itself comes last: all before it may be done twice, so the tablet's repeat mends whatever a fault left half done
    await appendReadings(deps, stored, stop, assets);
    const earlier = await earlierEvents(deps, stored);
    const next = advanceRound(withStop(round, stop), stored, earlier);
    const elsewhere = doneElsewhere(deps, stored, { round, assets });
    const conflict = conflictOf(round, next, stop) ?? elsewhere?.conflict;
    const changed = [...(next === round ? [] : [next]), ...(elsewhere?.rounds ?? [])];
    if (changed.length > 0) await rounds.save(changed.map((changedRound) => ({ round: changedRound })));
    await openIncident(deps, stored, stop, conflict);
    if (!(await registry.crewEvents.insert(tenant, stored))) return { id: event.id, status: 'duplicate' };
    const assetIds = assets.map(({ id }) => id);
    deps.rests.note(stored, assetIds);
    deps.vetoes.note(stored, assetIds, Date.parse(round.endsAt));
    await learn(deps, { event: stored, stop, before: round, next }, assets);
    if (stored.sensorVerdict === 'pending') deps.verdicts.expect(stored, before);
    await bus.publish('crew-event.stored', { tenant, event: stored });
    deps.onConsequence(stored, next);
    return { id: event.id, status: 'stored', ...(conflict && { conflict: conflict.text }) };
  };

  return { take: (event, crewId) => rounds.alone(() => take(event, crewId)) };
}

/** Keeps what an event teaches; a fault there costs a lesson, never the event. */
async function learn(
  { learnings, log }: CrewEventsDeps,
  { event, stop, before, next }: { event: StoredCrewEvent; stop: Stop; before: Round; next: Round },
  assets: AssetInput[],
): Promise<void> {
  const statusIn = (round: Round): Stop['status'] | undefined => round.stops.find(({ id }) => id === stop.id)?.status;
  try {
    if (event.kind === 'declined') {
      const decline = { vehicleId: event.vehicleId, at: event.deviceAt, reason: event.reason ?? 'unsafe' };
      await learnings.declined(
        assets.map(({ id }) => id),
        decline,
      );
    }
    if (isShutOut(event))
      await learnings.visited(
        assets.map(({ id }) => id),
        { at: event.deviceAt, reached: false },
      );
    if (statusIn(before) !== 'done' && statusIn(next) === 'done') {
      await learnings.done(
        next,
        stop.id,
        assets.filter(({ id }) => stop.assetIds.includes(id)),
      );
    }
  } catch (error) {
    log.warn({ err: error, event_id: event.id }, 'routing.lesson.unsaved');
  }
}

interface Named {
  round: Round;
  stop: Stop;
  assets: AssetInput[];
}

type Refusal = Required<Pick<CrewEventAck, 'fault' | 'faultCode'>>;

/** Finds the round, stop and assets of an event, or says what is wrong with it. */
async function whatItNames(deps: CrewEventsDeps, event: CrewEvent, crewId: string | null): Promise<Named | Refusal> {
  const { roundId, stopId, assetId } = event;
  const round = await deps.rounds.get(roundId);
  if (!round) return { faultCode: 'round-unknown', fault: `round ${roundId} is not known` };
  if (crewId !== null && round.crewId !== crewId)
    return { faultCode: 'other-crew', fault: `round ${roundId} belongs to another crew` };
  const stop = round.stops.find(({ id }) => id === stopId) ?? (await formerStop(deps, event));
  if (!stop) return { faultCode: 'stop-unknown', fault: `round ${roundId} never had a stop ${stopId}` };
  if (assetId !== undefined && !stop.assetIds.includes(assetId))
    return { faultCode: 'asset-not-here', fault: `asset ${assetId} is not at stop ${stopId}` };
  const assetIds = event.assetId === undefined ? stop.assetIds : [event.assetId];
  const assets = await Promise.all(assetIds.map((id) => deps.registry.assets.get(deps.tenant, id)));
  return { round, stop, assets: assets.filter((asset) => asset !== undefined) };
}

/** A tablet that was offline may report a stop that a later version dropped: what was done stays done. */
async function formerStop({ registry, tenant }: CrewEventsDeps, event: CrewEvent): Promise<Stop | undefined> {
  const versions = await registry.roundVersions.all(tenant, { roundId: event.roundId });
  return versions
    .map(({ round }) => round.stops.find(({ id }) => id === event.stopId))
    .find((stop) => stop !== undefined);
}

async function verdictOf(
  { registry, tenant }: CrewEventsDeps,
  event: CrewEvent,
  assets: AssetInput[],
): Promise<Pick<StoredCrewEvent, 'sensorVerdict'>> {
  if (event.kind !== 'emptied') return {};
  const sensors = await Promise.all(assets.map(({ id }) => registry.devices.count(tenant, { assetId: id })));
  return { sensorVerdict: sensors.some((count) => count > 0) ? 'pending' : 'no-sensor' };
}

/**
 * What a crew saw is a reading like any other: an emptied chamber is 0, a full one is at least 1. Only chambers of the
 * stop's fraction count, since a vehicle leaves the others; "full" without an asset is about the vehicle.
 */
async function appendReadings(
  deps: CrewEventsDeps,
  event: StoredCrewEvent,
  stop: Stop,
  assets: AssetInput[],
): Promise<void> {
  if (event.kind !== 'emptied' && !(event.kind === 'full' && event.assetId !== undefined)) return;
  const atMs = plausibleMs(event, deps.clock.nowMs());
  const ended = new Set((stop.ended ?? []).map(({ assetId }) => assetId));
  // "emptied" for the whole stop leaves assets alone that were reported one by one
  const concerned = event.assetId === undefined ? assets.filter(({ id }) => !ended.has(id)) : assets;
  const readings = concerned.flatMap((asset, index) =>
    asset.chambers
      .filter(({ id }) => collects(stop, fractionOf(asset, id)))
      // one device per vehicle: readings of several assets at one stop are told apart by a millisecond each
      .map((chamber): Reading =>
        readingOf(event, {
          assetId: asset.id,
          chamber: chamber.id,
          atMs: atMs + index,
          isTold: atMs === Date.parse(event.deviceAt),
        }),
      ),
  );
  if (readings.length === 0) return;
  const { stored } = await deps.readings.append({ tenant: deps.tenant, readings });
  const fresh = readings.filter((_, index) => stored[index]);
  if (fresh.length > 0) await deps.bus.publish('readings.accepted', { tenant: deps.tenant, readings: fresh });
}

function collects({ fraction, parts }: Stop, held: Fraction): boolean {
  if (parts) return parts.some((part) => part.fraction === held);
  return fraction === undefined || fraction === held;
}

function readingOf(
  event: StoredCrewEvent,
  what: { assetId: string; chamber: string; atMs: number; isTold: boolean },
): Reading {
  const emptied = event.kind === 'emptied';
  return {
    at: new Date(what.atMs).toISOString(),
    receivedAt: event.receivedAt,
    deviceId: `crew-${event.vehicleId}`.slice(0, 64),
    assetId: what.assetId,
    chamber: what.chamber,
    quantity: 'fill',
    value: emptied ? 0 : 1,
    unit: '1',
    quality: emptied ? 'ok' : 'censored',
    flags: [emptied ? 'CREW_EMPTIED' : 'CREW_FULL', ...(what.isTold ? [] : (['CLOCK_IMPLAUSIBLE'] as const))],
    typeVersion: 'crew@1',
    uplinkId: event.id,
  };
}

function plausibleMs(event: StoredCrewEvent, nowMs: number): number {
  const atMs = Date.parse(event.deviceAt);
  return atMs < OLDEST_MS || atMs > nowMs + CLOCK_AHEAD_MS ? Date.parse(event.receivedAt) : atMs;
}

const BLOCKING = new Set(['blocked', 'closed']);

/** The crew could not get at the place: parked cars, a locked gate. */
function isShutOut({ kind, reason }: StoredCrewEvent): boolean {
  return (kind === 'skipped' || kind === 'declined') && reason !== undefined && BLOCKING.has(reason);
}

async function openIncident(
  { registry, bus, clock, tenant }: CrewEventsDeps,
  event: StoredCrewEvent,
  stop: Stop,
  conflict: StopConflict | undefined,
): Promise<void> {
  const blocked = event.kind === 'skipped' && event.reason !== undefined && BLOCKING.has(event.reason);
  if (event.kind !== 'problem' && !blocked && conflict === undefined) return;
  const assetId = event.assetId ?? stop.assetIds[0];
  const kind = blocked ? 'stop-blocked' : 'crew-problem';
  const [known] =
    assetId === undefined
      ? []
      : await registry.incidents.all(tenant, { assetId, kind, status: ['open', 'acknowledged', 'shelved'] });
  const place = stop.name ?? assetId ?? stop.id;
  const text = conflict
    ? `${place}: reports contradict each other: ${conflict.text}`
    : blocked
      ? `${place} could not be reached: ${event.reason}`
      : `${place}: ${event.note ?? 'a problem, without a note'}`;
  const incident: Incident = {
    ...(known ?? {
      id: newId('inc', clock.nowMs()),
      kind,
      status: 'open',
      roundId: event.roundId,
      openedAt: event.deviceAt,
    }),
    ...(assetId !== undefined && { assetId }),
    report: {
      kind: event.kind,
      ...(event.reason && { reason: event.reason }),
      ...(event.note !== undefined && { note: event.note }),
      ...(conflict && { conflict }),
    },
    updatedAt: clock.iso(),
    text,
  };
  await registry.incidents.put(tenant, incident);
  await bus.publish('incident.changed', { tenant, incident });
}
