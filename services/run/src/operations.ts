import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bus } from '@ronde/bus';
import { observeShipping, openShipping, type Inbox, type Shipping } from '@ronde/inbox';
import { Gauge, gauge, type Clock, type Health, type Logger, type Metrics } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { startAlarms } from './alarms.ts';
import { parseHeaders, type PlatformConfig } from './config.ts';
import { startHeartbeat } from './heartbeat.ts';
import { startTelemetry } from './telemetry.ts';

const LEAST_FREE_BYTES = 1024 ** 3;

export interface OperationsParts {
  platform: PlatformConfig;
  dataDir: string;
  registry: Registry;
  bus: Bus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
}
type Stop = () => Promise<void>;

/** Starts the continuous copy of the inbox, where one is configured. */
export async function openSecondPlace(parts: OperationsParts, inbox: Inbox): Promise<Shipping | undefined> {
  const { platform, dataDir, log } = parts;
  if (platform.INBOX_SHIP_URL === undefined) return undefined;
  const shipping = await openShipping({
    dir: join(dataDir, 'inbox'),
    inbox,
    url: platform.INBOX_SHIP_URL,
    s3: s3Of(platform),
    periodMs: platform.INBOX_SHIP_PERIOD_MS,
    onEvent: ({ name, ...facts }) => log.warn(facts, name),
  });
  observeShipping(shipping, parts);
  return shipping;
}

/** Starts what watches a running platform: the disk, the heartbeat device (with a broker), and the alarms about all parts. */
export async function startWatch(
  parts: OperationsParts,
  { mqttUrl, place }: { mqttUrl: string | undefined; place: string },
): Promise<Stop> {
  const { platform, dataDir, health, metrics } = parts;
  watchDisk(parts, dataDir);
  showHealth(metrics, health);
  const alarmMin = platform.HEARTBEAT_ALARM_MIN;
  const heartbeat =
    mqttUrl === undefined || alarmMin === 'off' ? undefined : await startHeartbeat({ ...parts, mqttUrl, alarmMin });
  const alarms = startAlarms({ ...parts, place, tenant: platform.TENANT });
  return async () => {
    await alarms.stop();
    await heartbeat?.stop();
  };
}

/** Starts sending metrics to an OpenTelemetry receiver, where one is configured. */
export async function openTelemetry(
  { platform, metrics, log }: OperationsParts,
  about: { version: string; instance: string },
): Promise<Stop> {
  const endpoint = platform.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return async () => undefined;
  const headers = parseHeaders(platform.OTEL_EXPORTER_OTLP_HEADERS) ?? {};
  const intervalMs = platform.OTEL_METRIC_EXPORT_INTERVAL;
  return startTelemetry({
    endpoint,
    headers,
    intervalMs,
    serviceName: platform.OTEL_SERVICE_NAME,
    metrics,
    log,
    ...about,
  });
}

/** The keys of an S3 store, from the configuration. */
export function s3Of(platform: PlatformConfig): { accessKey?: string; secretKey?: string; region: string } {
  const { S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_REGION: region } = platform;
  return { region, ...(accessKey && { accessKey }), ...(secretKey && { secretKey }) };
}

function watchDisk({ metrics, health }: OperationsParts, dataDir: string): void {
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(dataDir);
    return bavail * bsize;
  };
  gauge(metrics, 'disk_free_bytes', 'Room left on the disk of DATA_DIR', freeBytes);
  health.add('disk', () => {
    const free = freeBytes();
    if (free >= LEAST_FREE_BYTES) return { ok: true };
    return { ok: true, degraded: true, detail: `${Math.round(free / 1024 ** 2)} MiB left on the disk of DATA_DIR` };
  });
}

/** One line for each part in /metrics, so that an alarm rule needs no second source. */
function showHealth(metrics: Metrics, health: Health): void {
  new Gauge({
    name: 'ronde_health',
    help: '1 well, 0.5 degraded, 0 not working, by part',
    labelNames: ['part'],
    registers: [metrics],
    collect() {
      for (const [part, { ok, degraded }] of Object.entries(health.report().parts))
        this.set({ part }, !ok ? 0 : degraded ? 0.5 : 1);
    },
  });
}
