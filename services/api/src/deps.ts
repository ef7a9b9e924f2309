import type { Bus } from '@ronde/bus';
import type { AssetState, SensorTypeSummary } from '@ronde/contracts';
import type { Clock, Health, HttpServer, Logger, Metrics, Sealer } from '@ronde/kit';
import type { LiveState, ReadingsStore } from '@ronde/readings';
import type { Leases, Registry } from '@ronde/registry';

/** The sensor types this installation knows. */
export interface SensorTypeCatalogue {
  /** The same array as long as nothing changed. */
  list(): readonly SensorTypeSummary[];
}

/** What the API needs; `http` must not listen yet when the service starts. */
export interface ApiDeps {
  http: HttpServer;
  registry: Registry;
  readings: ReadingsStore;
  bus: Bus;
  sensorTypes: SensorTypeCatalogue;
  /** Encrypts keys of devices and networks. */
  sealer: Sealer;
  /** Loaded live state of config.TENANT, of which the API becomes the owner: nobody else may apply or sweep. Absent = it makes its own. */
  liveState?: LiveState;
  /** Present where several processes share the registry. */
  leases?: Leases | undefined;
  /** Platform time. */
  clock: Clock;
  /** Host time for heartbeats and pauses of the live channel; host time unless a test gives its own. */
  hostClock?: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  version: string;
  commit: string;
  roles: string[];
  /** Vite's output; absent or not built = the pages answer 503. */
  webDir?: string | undefined;
}

export const UNKNOWN_STATE: AssetState = { fill: null, at: null, quality: null, silent: false };
