import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export { Counter, Gauge, Histogram } from 'prom-client';
export type Metrics = Registry;

/** Opens the process's metrics; `/metrics` prints them in the Prometheus text format. */
export function openMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  return registry;
}

/** Defines a counter `ronde_…_total`. */
export function counter<L extends string>(
  metrics: Metrics,
  name: string,
  help: string,
  labelNames: L[] = [],
): Counter<L> {
  return new Counter({ name: `ronde_${name}`, help, labelNames, registers: [metrics] });
}

/** Defines a gauge; with `collect` it is read at scrape time. */
export function gauge(metrics: Metrics, name: string, help: string, collect?: () => number): Gauge {
  return new Gauge({
    name: `ronde_${name}`,
    help,
    registers: [metrics],
    ...(collect && {
      collect(this: Gauge) {
        this.set(collect());
      },
    }),
  });
}

/** Defines a histogram of seconds. */
export function histogram(metrics: Metrics, name: string, help: string, buckets: number[]): Histogram {
  return new Histogram({ name: `ronde_${name}_seconds`, help, buckets, registers: [metrics] });
}
