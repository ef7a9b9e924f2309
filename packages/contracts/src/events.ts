import type { StoredCrewEvent } from './crew-event.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { DeviceHealth, InstallTest } from './device-health.ts';
import type { Downlink } from './downlink.ts';
import type { Incident } from './incident.ts';
import type { Plan, Round, RoundChange } from './plan.ts';
import type { Reading } from './reading.ts';
import type { Replay, ReadingKey } from './replay.ts';
import type { NetworkEvent, UplinkHeard } from './uplink.ts';

/** Registry collections whose change other services must hear of. */
export type RegistryKind =
  | 'asset'
  | 'area'
  | 'device'
  | 'integration'
  | 'token'
  | 'depot'
  | 'disposal-site'
  | 'vehicle'
  | 'crew'
  | 'calendar'
  | 'road-closure'
  | 'sensor-type-version';

/** Every event of the bus; names are `noun.verb` in the past tense. */
export interface BusEvents {
  /** Readings stored for the first time, oldest first; one event per stored batch. */
  'readings.accepted': { tenant: string; readings: Reading[] };
  /**
   * Stored readings were replaced or taken away by a replay: as they stand now, and what is gone. State derived from
   * these assets and devices is to be read from the store again. Readings that a replay adds are `readings.accepted`.
   */
  'readings.corrected': { tenant: string; changed: Reading[]; removed: (ReadingKey & { assetId: string | null })[] };
  'replay.changed': { tenant: string; replay: Replay };
  /** Uplinks of registered devices, readable or not: what their links and health are judged by. */
  'uplinks.heard': { tenant: string; items: UplinkHeard[] };
  /** A frame passed the pipeline: what the live traffic screen shows. */
  'uplink.handled': { tenant: string; items: UplinkTrace[] };
  /** What networks told of registered devices besides uplinks: joins, downlink progress, status, location. */
  'network.told': { tenant: string; items: { deviceId: string; receivedAtMs: number; event: NetworkEvent }[] };
  'dead-letter.stored': { tenant: string; deadLetter: DeadLetter };
  'device-health.changed': { tenant: string; health: DeviceHealth };
  'install-test.changed': { tenant: string; test: InstallTest };
  /** A device subscribed to its downlinks; it took one (PUBACK). */
  'device.listening': { tenant: string; deviceId: string };
  'downlink.taken': { tenant: string; deviceId: string };
  'downlink.changed': { tenant: string; downlink: Downlink };
  'registry.changed': { tenant: string; kind: RegistryKind; id: string; deleted: boolean };
  'plan.changed': { tenant: string; plan: Plan };
  'round.published': { tenant: string; round: Round; changes: RoundChange[] };
  /** A crew's tablet shows this version of its round. */
  'round.seen': { tenant: string; roundId: string; version: number; at: string };
  'crew-event.stored': { tenant: string; event: StoredCrewEvent };
  'incident.changed': { tenant: string; incident: Incident };
  /** How many assets are expected to overflow before their next service opportunity. */
  'forecast.updated': { tenant: string; overflowSoon: number };
}
export type BusEventName = keyof BusEvents;

/** One line of live traffic: never a payload at info level, only its shape. */
export interface UplinkTrace {
  uplinkId: string;
  receivedAt: string;
  source: string;
  topic: string;
  deviceId: string | null;
  outcome: 'stored' | 'duplicate' | 'dead-letter' | 'event' | 'ignored';
  code?: string | undefined;
  readings: number;
  bytes: number;
}
