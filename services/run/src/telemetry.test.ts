import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { counter, gauge, histogram, openMetrics, silentLog } from '@ronde/kit';
import { startTelemetry } from './telemetry.ts';

interface Point {
  asDouble?: number;
  asInt?: number | string;
  attributes: { key: string; value: { stringValue?: string } }[];
  explicitBounds?: number[];
  bucketCounts?: (number | string)[];
  count?: number | string;
  sum?: number;
}
interface Metric {
  name: string;
  unit: string;
  sum?: { isMonotonic: boolean; dataPoints: Point[] };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[] };
}
interface Export {
  resourceMetrics: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeMetrics: { metrics: Metric[] }[];
  }[];
}

/** A receiver of OTLP over HTTP: keeps what it is sent, and can be away. */
async function receiver() {
  const exports: { path: string; key: string | undefined; body: Export }[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const key = request.headers['api-key'] as string | undefined;
      if (status === 200) exports.push({ path: request.url!, key, body: JSON.parse(text.toString()) as Export });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { endpoint, exports, answer: (next: number) => void (status = next) };
}

const about = { serviceName: 'city', version: '1.2.3', instance: 'all main', headers: { 'api-key': 'k' } };

test('counters, gauges and histograms reach a receiver under the names of /metrics, also the last ones before the end', async () => {
  const { endpoint, exports } = await receiver();
  const metrics = openMetrics();
  const letters = counter(metrics, 'ingest_dead_letters_total', 'Dead letters.', ['code']);
  gauge(metrics, 'ingest_lag_frames', 'Lag.', () => 7);
  const commits = histogram(metrics, 'inbox_commit', 'Commits.', [0.01, 0.1]);
  letters.inc({ code: 'TYPE_UNKNOWN' }, 3);
  for (const seconds of [0.001, 0.05, 0.06, 2]) commits.observe(seconds);
  const stop = await startTelemetry({ ...about, endpoint, intervalMs: 1_000, metrics, log: silentLog() });
  await vi.waitFor(() => expect(exports.length).toBeGreaterThan(0), { timeout: 20_000 });
  letters.inc({ code: 'TYPE_UNKNOWN' });
  await stop();
  expect(exports[0]).toMatchObject({ path: '/v1/metrics', key: 'k' });
  const [{ resource, scopeMetrics }] = exports.at(-1)!.body.resourceMetrics as [Export['resourceMetrics'][number]];
  expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'city' } });
  const of = (name: string): Metric =>
    scopeMetrics.flatMap((scope) => scope.metrics).find((metric) => metric.name === name)!;
  const sum = of('ronde_ingest_dead_letters_total').sum!;
  expect(sum.isMonotonic).toBe(true);
  expect(sum.dataPoints[0]).toMatchObject({ asDouble: 4 });
  expect(sum.dataPoints[0]!.attributes).toEqual([{ key: 'code', value: { stringValue: 'TYPE_UNKNOWN' } }]);
  expect(of('ronde_ingest_lag_frames').gauge!.dataPoints[0]).toMatchObject({ asDouble: 7 });
  const [point] = of('ronde_inbox_commit_seconds').histogram!.dataPoints;
  expect(of('ronde_inbox_commit_seconds').unit).toBe('s');
  expect(point).toMatchObject({ explicitBounds: [0.01, 0.1], sum: 2.111 });
  expect(point!.bucketCounts!.map(Number)).toEqual([1, 2, 1]);
  expect(Number(point!.count)).toBe(4);
});

test('a receiver that refuses is logged, holds up nothing, and gets the same counters later', async () => {
  const { endpoint, exports, answer } = await receiver();
  answer(400);
  const metrics = openMetrics();
  counter(metrics, 'ingest_frames_total', 'Frames.').inc(5);
  const log = silentLog();
  const warn = vi.spyOn(log, 'warn');
  const stop = await startTelemetry({ ...about, endpoint, intervalMs: 1_000, metrics, log });
  await vi.waitFor(() => expect(warn).toHaveBeenCalledWith(expect.anything(), 'run.telemetry.fail'), {
    timeout: 20_000,
  });
  expect(JSON.stringify(warn.mock.calls)).not.toContain('"k"');
  answer(200);
  await vi.waitFor(() => expect(exports.length).toBeGreaterThan(0), { timeout: 20_000 });
  expect(JSON.stringify(exports[0]!.body)).toContain('ronde_ingest_frames_total');
  await stop();
});
