import type { Bus } from '@ronde/bus';
import type { AssetState, SensorTypeSummary } from '@ronde/contracts';
import type { Clock, Health, HttpServer, Logger, Metrics } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';

/** The sensor types this installation knows. */
export interface SensorTypeCatalogue {
  list(): readonly SensorTypeSummary[];
}

/** What the API needs; `http` must not listen yet when the service starts. */
export interface ApiDeps {
  http: HttpServer;
  registry: Registry;
  readings: ReadingsStore;
  bus: Bus;
  sensorTypes: SensorTypeCatalogue;
  /** Latest state per asset; absent = states are unknown (null) and no incidents are opened. */
  liveState?: LiveStateView;
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

/** The part of the live state that the API reads. */
export interface LiveStateView {
  stateOf(tenant: string, assetId: string): AssetState | undefined;
  /** Tells of assets whose state changed, by readings or by silence. */
  onChange(listener: (change: { tenant: string; assetIds: readonly string[] }) => void): () => void;
}

export const UNKNOWN_STATE: AssetState = { fill: null, at: null, quality: null, silent: false };
