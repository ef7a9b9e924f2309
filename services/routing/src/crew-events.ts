import { type AssetInput, type CrewEvent, type CrewEventAck, type Incident, type Reading, type Round, type Stop, type StopStatus, type StoredCrewEvent } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { RoundStore } from './round-store.ts';
import type { Verdicts } from './verdicts.ts';

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
    const round = await rounds.get(event.roundId);
    if (!round) return rejected(event, `round ${event.roundId} is not known`);
    if (crewId !== null && round.crewId !== crewId) return rejected(event, `round ${event.roundId} belongs to another crew`);
    const stop = round.stops.find(({ id }) => id === event.stopId) ?? (await formerStop(deps, event));
    if (!stop) return rejected(event, `round ${event.roundId} never had a stop ${event.stopId}`);
    const assetIds = event.assetId === undefined ? stop.assetIds : [event.assetId];
    if (event.assetId !== undefined && !stop.assetIds.includes(event.assetId)) {
      return rejected(event, `asset ${event.assetId} is not at stop ${event.stopId}`);
    }
    const assets = (await Promise.all(assetIds.map((id) => registry.assets.get(tenant, id)))).filter((asset) => asset !== undefined);
    const stored: StoredCrewEvent = { ...event, receivedAt: clock.iso(), vehicleId: round.vehicleId, ...(await verdictOf(deps, event, assets)) };
    const before = new Map(assets.map(({ id }) => [id, deps.levelOf(id) ?? 1]));
    // readings first: they are idempotent, so a crash before the event is stored is mended by the tablet's repeat
    await appendReadings(deps, stored, assets);
    if (!(await registry.crewEvents.insert(tenant, stored))) return { id: event.id, status: 'duplicate' };
    if (stored.sensorVerdict === 'pending') deps.verdicts.expect(stored, before);
    const next = await advance(deps, round, stored);
    await openIncident(deps, stored, stop);
    await bus.publish('crew-event.stored', { tenant, event: stored });
    deps.onConsequence(stored, next);
    return { id: event.id, status: 'stored' };
  };

  return { take: (event, crewId) => rounds.alone(() => take(event, crewId)) };
}

function rejected(event: CrewEvent, fault: string): CrewEventAck {
  return { id: event.id, status: 'rejected', fault };
}

/** A tablet that was offline may report a stop that a later version dropped: what was done stays done. */
async function formerStop({ registry, tenant }: CrewEventsDeps, event: CrewEvent): Promise<Stop | undefined> {
  const versions = await registry.roundVersions.all(tenant, { roundId: event.roundId });
  return versions.map(({ round }) => round.stops.find(({ id }) => id === event.stopId)).find((stop) => stop !== undefined);
}

async function verdictOf({ registry, tenant }: CrewEventsDeps, event: CrewEvent, assets: AssetInput[]): Promise<Pick<StoredCrewEvent, 'sensorVerdict'>> {
  if (event.kind !== 'emptied') return {};
  const sensors = await Promise.all(assets.map(({ id }) => registry.devices.count(tenant, { assetId: id })));
  return { sensorVerdict: sensors.some((count) => count > 0) ? 'pending' : 'no-sensor' };
}

/** What a crew saw is a reading like any other: an emptied chamber is 0, a full one is at least 1. */
async function appendReadings(deps: CrewEventsDeps, event: StoredCrewEvent, assets: AssetInput[]): Promise<void> {
  if (event.kind !== 'emptied' && event.kind !== 'full') return;
  const atMs = plausibleMs(event, deps.clock.nowMs());
  const emptied = event.kind === 'emptied';
  const readings = assets.flatMap((asset, assetIndex) =>
    asset.chambers.map((chamber): Reading => ({
      // one device per vehicle: readings of several assets at one stop are told apart by a millisecond each
      at: new Date(atMs + assetIndex).toISOString(),
      receivedAt: event.receivedAt,
      deviceId: `crew-${event.vehicleId}`.slice(0, 64),
      assetId: asset.id,
      chamber: chamber.id,
      quantity: 'fill',
      value: emptied ? 0 : 1,
      unit: '1',
      quality: emptied ? 'ok' : 'censored',
      flags: [emptied ? 'CREW_EMPTIED' : 'CREW_FULL', ...(atMs === Date.parse(event.deviceAt) ? [] : (['CLOCK_IMPLAUSIBLE'] as const))],
      typeVersion: 'crew@1',
      uplinkId: event.id,
    })),
  );
  if (readings.length === 0) return;
  const { stored } = await deps.readings.append({ tenant: deps.tenant, readings });
  const fresh = readings.filter((_, index) => stored[index]);
  if (fresh.length > 0) await deps.bus.publish('readings.accepted', { tenant: deps.tenant, readings: fresh });
}

function plausibleMs(event: StoredCrewEvent, nowMs: number): number {
  const atMs = Date.parse(event.deviceAt);
  return atMs < OLDEST_MS || atMs > nowMs + CLOCK_AHEAD_MS ? Date.parse(event.receivedAt) : atMs;
}

/** Moves the round on; the version stays, since the plan did not change. */
async function advance({ rounds }: CrewEventsDeps, round: Round, event: StoredCrewEvent): Promise<Round> {
  const status = statusAfter(event);
  const stops = round.stops.map((stop) => (stop.id === event.stopId && mayBecome(stop.status, status) ? { ...stop, status } : stop));
  const next: Round = { ...round, status: round.status === 'published' ? 'active' : round.status, stops };
  if (status !== undefined) await rounds.save(next, []);
  return next;
}

function statusAfter({ kind }: CrewEvent): StopStatus | undefined {
  return ({ arrived: 'arrived', emptied: 'done', skipped: 'skipped', problem: 'problem', full: undefined } as const)[kind];
}

/** Late "arrived" never reopens an ended stop; a stop once emptied stays emptied, and a skipped one may still be done. */
function mayBecome(from: StopStatus, to: StopStatus | undefined): to is StopStatus {
  if (to === undefined || from === 'done') return false;
  return to !== 'arrived' || from === 'planned';
}

const BLOCKING = new Set(['blocked', 'closed']);

async function openIncident({ registry, bus, clock, tenant }: CrewEventsDeps, event: StoredCrewEvent, stop: Stop): Promise<void> {
  const blocked = event.kind === 'skipped' && event.reason !== undefined && BLOCKING.has(event.reason);
  if (event.kind !== 'problem' && !blocked) return;
  const assetId = event.assetId ?? stop.assetIds[0];
  const kind = blocked ? 'stop-blocked' : 'crew-problem';
  const [known] = assetId === undefined ? [] : await registry.incidents.all(tenant, { assetId, kind, status: ['open', 'acknowledged', 'shelved'] });
  const place = stop.name ?? assetId ?? stop.id;
  const text = blocked ? `${place} could not be reached: ${event.reason}` : `${place}: ${event.note ?? 'a problem, without a note'}`;
  const incident: Incident = {
    ...(known ?? { id: `inc-${event.id}`, kind, status: 'open', roundId: event.roundId, openedAt: event.deviceAt }),
    ...(assetId !== undefined && { assetId }),
    updatedAt: clock.iso(),
    text,
  };
  await registry.incidents.put(tenant, incident);
  await bus.publish('incident.changed', { tenant, incident });
}
