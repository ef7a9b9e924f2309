import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { createConnection } from './adapters/influxdb/connection.ts';
import { toLine, toPoint } from './adapters/influxdb/point.ts';
import { sendLines } from './adapters/influxdb/send.ts';
import { testDirectory, testReading } from './conformance-fixtures.ts';

/*
 * VictoriaMetrics (apt install victoria-metrics) takes /api/v2/write and reads line protocol with a parser that is not
 * ours. It keeps numbers only, so that what it gives back is the values.
 */
const PROGRAM = '/usr/bin/victoria-metrics';
const absent = existsSync(PROGRAM) ? '' : ' (skipped: no VictoriaMetrics; apt install victoria-metrics)';

test.skipIf(absent)(`another server reads every value of what we write${absent}`, { timeout: 60_000 }, async () => {
  const url = await startVictoriaMetrics();
  const connection = createConnection({ url, token: 'none', org: 'o', bucket: 'b', log: silentLog() });
  onTestFinished(() => connection.close());
  const odd = { deviceId: 'a b,c=d', assetId: 'räum "1"', chamber: 'links\\rechts', uplinkId: '1 "2", 3=4' };
  // VictoriaMetrics forgets what is older than a month
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const readings = Array.from({ length: 3_000 }, (_, i) =>
    testReading(0, i / 8 - 200, {
      at: new Date(nowMs - i * 1_000).toISOString(),
      quantity: 'temperature',
      ...(i % 2 === 0 && odd),
    }),
  );
  const lines = readings.map((reading) => toLine(toPoint('t', reading)));
  expect(await sendLines(connection, lines)).toEqual([]);
  expect(await sendLines(connection, lines.slice(0, 100))).toEqual([]);
  await vi.waitFor(
    async () => {
      const exported = await exportOf(url, '{__name__="reading_value"}');
      const values = exported.flatMap(({ values: of }) => of).sort((a, b) => a - b);
      // it keeps a repetition as a second sample, so each is looked at once
      expect(new Set(values)).toEqual(new Set(readings.map(({ value }) => value)));
      expect(exported.map(({ metric }) => metric['device']).sort()).toEqual(['a b,c=d', 'd']);
      expect(exported.map(({ metric }) => metric['asset']).sort()).toEqual(['a', 'räum "1"']);
    },
    { timeout: 40_000, interval: 500 },
  );
});

async function startVictoriaMetrics(): Promise<string> {
  const port = await freePort();
  const child = spawn(
    PROGRAM,
    [`-storageDataPath=${testDirectory()}`, `-httpListenAddr=127.0.0.1:${port}`, '-loggerLevel=ERROR'],
    { stdio: 'ignore' },
  );
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).ok).toBe(true), {
    timeout: 30_000,
    interval: 100,
  });
  return url;
}

async function exportOf(url: string, match: string): Promise<{ metric: Record<string, string>; values: number[] }[]> {
  await fetch(`${url}/internal/force_flush`);
  const answer = await fetch(`${url}/api/v1/export?match=${encodeURIComponent(match)}`);
  const lines = (await answer.text()).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as { metric: Record<string, string>; values: number[] });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
