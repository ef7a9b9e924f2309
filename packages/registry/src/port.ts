import type {
  Area,
  AssetInput,
  Calendar,
  Crew,
  DeadLetter,
  Depot,
  DeviceHealth,
  DeviceRecord,
  DisposalSite,
  Downlink,
  ErasureNote,
  Import,
  ImportRowRecord,
  Incident,
  InstallTest,
  IntegrationRecord,
  Page,
  Plan,
  PlanRecord,
  ReadingDifference,
  Replay,
  RoadClosure,
  Round,
  RoundChange,
  SensorTypeVersion,
  StopLearning,
  StoredCrewEvent,
  TokenRecord,
  UnknownDevice,
  Vehicle,
} from '@ronde/contracts';
import type { HealthReport, StoredAnswer } from '@ronde/kit';
import type { Kind } from './kinds.ts';
import type { LeaseTerm } from './leases.ts';

/** Documents of one kind within a tenant, listed in id order, or by time of insertion, newest first, when `descending`. */
export interface Collection<T extends { id: string }> {
  get(tenant: string, id: string): Promise<T | undefined>;
  /**
   * Pages through documents whose indexed fields equal `where`; the newest first when `descending`.
   * A cursor belongs to its order; documents put again keep their place.
   * @throws RondeError INPUT_INVALID when `where` names a field without index
   */
  list(tenant: string, query: ListQuery): Promise<Page<T>>;
  /** Every matching document; for kinds that are small or read at start. */
  all(tenant: string, where?: Where): Promise<T[]>;
  count(tenant: string, where?: Where): Promise<number>;
  /** Adds a document; false when the id, or another value that must be unique, is taken (nothing changes). */
  insert(tenant: string, document: T): Promise<boolean>;
  /** Adds or replaces. @throws RondeError RESOURCE_EXISTS when a unique value belongs to another document */
  put(tenant: string, document: T): Promise<void>;
  /** Adds or replaces all or none. */
  putAll(tenant: string, documents: T[]): Promise<void>;
  delete(tenant: string, id: string): Promise<boolean>;
}
export type Where = Record<string, string | string[]>;
export interface ListQuery {
  limit: number;
  cursor?: string | undefined;
  where?: Where;
  descending?: boolean;
}

/** What a change of a round was: kept for audit and replay. */
export interface RoundVersion {
  id: string;
  roundId: string;
  version: number;
  at: string;
  round: Round;
  changes: RoundChange[];
}

/** Which version of a round tablets have shown, by the id of their token; `id` is the round's. */
export interface RoundView {
  id: string;
  version: number;
  at: string;
  tablets: Record<string, { version: number; at: string }>;
}

/** A part of everything that a registry holds: documents as JSON text, in order of insertion, and the rest. */
export type RegistryPart =
  | { kind: Kind; tenant: string; documents: [id: string, json: string][] }
  | { answers: (StoredAnswer & { tenant: string })[] }
  | { meta: [key: string, value: string][] };
export type TakePart = (part: RegistryPart) => Promise<void>;
export interface LoadOptions {
  /** Puts what is loaded in the place of what is there; else a registry that holds something is refused. */
  replace?: boolean;
}

/**
 * Registry of everything that is not a reading: assets, devices, fleet, plans, rounds, crew events, dead letters, tokens.
 * Every write is durable when its promise resolves. Retrying any call is safe. Errors: REGISTRY_UNREACHABLE (retriable).
 * Indexed fields (usable in `where`): assets: areaId, kind; devices: assetId, typeId, status, devEui, imei, networkId; tokens: secretHash;
 * rounds: planId, crewId, vehicleId, status; crewEvents: roundId, assetId; incidents: status, assetId, kind; deadLetters: status, code, deviceId; roundVersions: roundId;
 * typeVersions: typeId, status; replays: status; replayDifferences: replayId; leases: name.
 * Unique over all tenants: device id, devEui, imei and networkId; integration id; token secretHash. `kinds.ts` is the table of all this.
 */
export interface Registry {
  areas: Collection<Area>;
  assets: Collection<AssetInput>;
  devices: Collection<DeviceRecord>;
  integrations: Collection<IntegrationRecord>;
  tokens: Collection<TokenRecord>;
  depots: Collection<Depot>;
  disposalSites: Collection<DisposalSite>;
  vehicles: Collection<Vehicle>;
  crews: Collection<Crew>;
  calendars: Collection<Calendar>;
  plans: Collection<Plan>;
  rounds: Collection<Round>;
  roundVersions: Collection<RoundVersion>;
  planRecords: Collection<PlanRecord>;
  /** What a plan rests on, packed; its form is routing's own. */
  planFiles: Collection<{ id: string; packed: string }>;
  roundViews: Collection<RoundView>;
  roadClosures: Collection<RoadClosure>;
  stopLearnings: Collection<StopLearning>;
  crewEvents: Collection<StoredCrewEvent>;
  incidents: Collection<Incident>;
  deadLetters: Collection<DeadLetter>;
  unknownDevices: Collection<UnknownDevice>;
  downlinks: Collection<Downlink>;
  deviceHealth: Collection<DeviceHealth>;
  /** What ingest remembers of a device between its uplinks; its form is ingest's own. */
  deviceMemories: Collection<{ id: string }>;
  installTests: Collection<InstallTest>;
  imports: Collection<Import>;
  importRows: Collection<ImportRowRecord & { id: string }>;
  typeVersions: Collection<SensorTypeVersion>;
  replays: Collection<Replay>;
  /** Readings that differ in a replay, some hundred a document. */
  replayDifferences: Collection<{ id: string; replayId: string; items: ReadingDifference[] }>;
  /** Terms of leases: who may do what only one process may; see `createLeases`. */
  leases: Collection<LeaseTerm>;
  /** Erasures, and which ingest worker has been through which. */
  erasures: Collection<ErasureNote>;
  /** Ingest workers by their number, which their inboxes count from. */
  ingestWorkers: Collection<{ id: string; worker: string }>;
  /** Finds a device over all tenants (device ids are unique over all tenants). */
  findDevice(
    by: { id: string } | { devEui: string } | { imei: string } | { networkId: string },
  ): Promise<{ tenant: string; device: DeviceRecord } | undefined>;
  findIntegration(id: string): Promise<{ tenant: string; integration: IntegrationRecord } | undefined>;
  findToken(secretHash: string): Promise<{ tenant: string; token: TokenRecord } | undefined>;
  /** Stored answers of calls with an Idempotency-Key. `remember` returns the earlier record when the key was used before. */
  idempotency: {
    find(tenant: string, key: string): Promise<StoredAnswer | undefined>;
    remember(tenant: string, record: StoredAnswer): Promise<StoredAnswer | undefined>;
    prune(beforeMs: number): Promise<void>;
  };
  /** Small facts of the platform itself, such as the demo's state. */
  meta: { get(key: string): Promise<string | undefined>; set(key: string, value: string): Promise<void> };
  /** Whether the last call came through. */
  health(): HealthReport;
  /**
   * Gives everything, as of one moment. Only for copies: an engine that cannot read while others write (SQLite) gives
   * one moment only while nobody writes.
   */
  dump(take: TakePart): Promise<void>;
  /**
   * Fills an empty registry with what another one gives: `to.load((take) => from.dump(take))`. Newest-first lists keep
   * their order. Where many may read it meanwhile (PostgreSQL) they see all of it at once or nothing.
   * @throws RondeError RESOURCE_EXISTS when it holds something already
   */
  load(fill: (take: TakePart) => Promise<void>, options?: LoadOptions): Promise<void>;
  /**
   * Writes one new SQLite file that holds everything committed so far; writes go on meanwhile. Every engine writes the
   * same form, so that it can be restored into any. @throws RondeError RESOURCE_EXISTS when the file is there
   */
  backup(file: string): Promise<void>;
  /** Leaves nothing of what was deleted in the registry's own files; its server's are the server's. */
  scrub?(): Promise<void>;
  close(): Promise<void>;
}
