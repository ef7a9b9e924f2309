import { flux, fluxDuration, fluxExpression, toFluxValue } from '@influxdata/influxdb-client';
import { rollupBuckets } from './kept-steps.ts';
import { MEASUREMENTS } from './point.ts';

/** A task of InfluxDB: its name stands in its Flux as well. */
export interface Task {
  name: string;
  flux: string;
}

const STEPS = ['1h', '1d'] as const;
const FOLDS = ['min', 'max', 'sum', 'count'] as const;

/**
 * Writes the tasks that keep hours and days: the newest ones again and again, since data comes late, and once more the
 * day that the bucket of readings is about to forget, so that what was late or corrected in between is in them.
 */
export function rollupTasks(bucket: string, retentionDays: number): Task[] {
  const recent = [
    task(`${bucket}-hourly`, { every: '1h', offset: '5m' }, bucket, { from: '-2d', days: undefined, steps: ['1h'] }),
    task(`${bucket}-daily`, { every: '1d', offset: '15m' }, bucket, { from: '-3d', days: undefined, steps: ['1d'] }),
  ];
  if (retentionDays < 2) return recent;
  const leaving = { from: `-${retentionDays - 1}d`, days: 2, steps: STEPS };
  return [...recent, task(`${bucket}-settle`, { every: '1d', offset: '30m' }, bucket, leaving)];
}

function task(
  name: string,
  { every, offset }: { every: string; offset: string },
  bucket: string,
  { from, days, steps }: { from: string; days: number | undefined; steps: readonly (typeof STEPS)[number][] },
): Task {
  const start = flux`date.truncate(t: ${fluxDuration(from)}, unit: 1d)`;
  const stop =
    days === undefined
      ? flux`date.truncate(t: now(), unit: 1h)`
      : flux`date.add(d: ${fluxDuration(`${days}d`)}, to: ${start})`;
  const head = `import "date"
option task = {name: ${toFluxValue(name)}, every: ${every}, offset: ${offset}}
data = ${flux`from(bucket: ${bucket}) |> range(start: ${start}, stop: ${stop}) |> filter(fn: (r) => r._measurement == ${MEASUREMENTS.valid} and r._field == "value")`.toString()}`;
  const parts = steps.flatMap((step) =>
    FOLDS.map((fold) =>
      flux`data |> aggregateWindow(every: ${fluxExpression(step)}, fn: ${fluxExpression(fold)}, createEmpty: false, timeSrc: "_start") |> toFloat() |> set(key: "_field", value: ${fold}) |> to(bucket: ${rollupBuckets(bucket)[step]})`.toString(),
    ),
  );
  return { name, flux: [head, ...parts].join('\n') };
}
