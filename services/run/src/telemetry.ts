import { hostname } from 'node:os';
import type { Logger, Metrics } from '@ronde/kit';

export interface TelemetryOptions {
  /** Base URL of an OTLP/HTTP receiver; metrics go to its /v1/metrics. */
  endpoint: string;
  headers: Record<string, string>;
  intervalMs: number;
  serviceName: string;
  version: string;
  /** Tells processes of one installation apart. */
  instance: string;
  metrics: Metrics;
  log: Logger;
}

const GIVE_UP_MS = 5_000;

/**
 * Sends what /metrics shows to an OpenTelemetry collector as well, under the same names; what cannot be sent is logged and
 * dropped: the next turn tells the same counters again. The packages are loaded only here.
 * @returns what sends the last numbers and ends it
 */
export async function startTelemetry(options: TelemetryOptions): Promise<() => Promise<void>> {
  const { endpoint, headers, intervalMs, metrics, log, version } = options;
  const { diag, DiagLogLevel } = await import('@opentelemetry/api');
  const { MeterProvider, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
  const { toMetricData } = await import('./telemetry-metrics.ts');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const fail = (message: string): void => log.warn({ detail: message.slice(0, 300) }, 'run.telemetry.fail');
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: fail, warn: fail, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const resource = resourceFromAttributes({
    'service.name': options.serviceName,
    'service.version': version,
    'service.instance.id': `${hostname()}/${options.instance}`,
  });
  const startMs = Date.now();
  const collect = async () => {
    const scopeMetrics = [{ scope: { name: 'ronde', version }, metrics: await toMetricData(metrics, startMs) }];
    return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
  };
  const url = `${endpoint.replace(/\/+$/, '')}/v1/metrics`;
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url, headers, timeoutMillis: GIVE_UP_MS }),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(GIVE_UP_MS, intervalMs),
    metricProducers: [{ collect }],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  log.info({ host: new URL(endpoint).host, interval_ms: intervalMs }, 'run.telemetry.start');
  return async () => {
    await provider.shutdown({ timeoutMillis: GIVE_UP_MS }).catch((error: Error) => fail(error.message));
    diag.disable();
  };
}
