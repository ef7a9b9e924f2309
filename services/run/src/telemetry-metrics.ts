import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { Metrics } from '@ronde/kit';

interface Sample {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}
interface Family {
  name: string;
  help: string;
  type: string;
  values: Sample[];
}
interface Span {
  startTime: HrTime;
  endTime: HrTime;
}

/** Gives Prometheus' metrics as OpenTelemetry's, cumulative since the start of the process. */
export async function toMetricData(metrics: Metrics, startMs: number): Promise<MetricData[]> {
  const span = { startTime: hrTime(startMs), endTime: hrTime(Date.now()) };
  const families = (await metrics.getMetricsAsJSON()) as unknown as Family[];
  return families.flatMap((family): MetricData[] => {
    const points = family.values.map(({ labels, value }) => ({ ...span, attributes: labels as Attributes, value }));
    const about = aboutOf(family);
    if (family.type === 'counter')
      return [{ ...about, dataPointType: DataPointType.SUM, dataPoints: points, isMonotonic: true }];
    if (family.type === 'gauge') return [{ ...about, dataPointType: DataPointType.GAUGE, dataPoints: points }];
    if (family.type !== 'histogram') return [];
    return [{ ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints: histogramPoints(family, span) }];
  });
}

function aboutOf({ name, help }: Family) {
  const unit = /_seconds(_total)?$/.test(name) ? 's' : /_bytes(_total)?$/.test(name) ? 'By' : '1';
  return {
    descriptor: { name, description: help, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

/** Prometheus counts up to each limit, OpenTelemetry between two. */
function histogramPoints({ name, values }: Family, span: Span) {
  const groups = Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  return Array.from(groups, ([labels, samples]) => {
    const buckets = samples
      .filter(({ metricName }) => metricName === `${name}_bucket`)
      .map(({ labels: { le }, value }) => ({ le: le === '+Inf' ? Infinity : Number(le), value }))
      .sort((a, b) => a.le - b.le);
    const of = (suffix: string): number => samples.find(({ metricName }) => metricName === name + suffix)?.value ?? 0;
    return {
      ...span,
      attributes: JSON.parse(labels) as Attributes,
      value: {
        buckets: {
          boundaries: buckets.map(({ le }) => le).filter(Number.isFinite),
          counts: buckets.map(({ value }, i) => value - (buckets[i - 1]?.value ?? 0)),
        },
        sum: of('_sum'),
        count: of('_count'),
      },
    };
  });
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
}
