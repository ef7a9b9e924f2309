import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CONFIGS } from '@ronde/run';
import { noPostgres, openPostgres, type PostgresServer } from '../../../tests/fixtures/postgres-server.ts';
import { checkClock } from './doctor-clock.ts';

const platformOf = (env: Record<string, string>) => CONFIGS.platform.parse(env);
const clock = (aheadMs: number, synced: 'yes' | 'no' | 'unknown' = 'unknown') => ({
  nowMs: () => Date.now() + aheadMs,
  synced: async () => synced,
});

/** An InfluxDB as far as its Date header. */
async function httpServer(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(401).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `influxdb+http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a clock that differs from that of a server is told with how much, in which direction, and what to do', async () => {
  const platform = platformOf({ READINGS_URL: await httpServer(), INFLUX_TOKEN: 't' });
  const late = await checkClock(platform, clock(-60_000));
  expect(late).toMatchObject({ ok: false, detail: expect.stringContaining('timedatectl set-ntp true') });
  expect(late.detail).toMatch(/(59|60|61) s behind the clock of the server of READINGS_URL/);
  expect((await checkClock(platform, clock(3_600_000))).detail).toContain('s ahead of');
  expect(await checkClock(platform, clock(0, 'yes'))).toMatchObject({
    ok: true,
    detail: 'kept by NTP, agrees with the server of READINGS_URL',
  });
});

test('a clock that nothing keeps is told, one of which nothing is known is not held against anybody', async () => {
  expect(await checkClock(platformOf({}), clock(0, 'no'))).toMatchObject({
    ok: false,
    detail: expect.stringContaining('nothing keeps the clock right'),
  });
  expect(await checkClock(platformOf({}), clock(0))).toMatchObject({ ok: true });
  // a server that does not answer is another check's business
  const gone = platformOf({ READINGS_URL: 'influxdb+http://127.0.0.1:1', INFLUX_TOKEN: 't' });
  expect(await checkClock(gone, clock(60_000))).toMatchObject({ ok: true });
});

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());

  test('the clock of a database is held against the host’s too', async () => {
    const platform = platformOf({ REGISTRY_URL: await server.createDatabase() });
    expect(await checkClock(platform, clock(0))).toMatchObject({ ok: true });
    expect((await checkClock(platform, clock(30_000))).detail).toContain(
      'ahead of the clock of the server of REGISTRY_URL',
    );
  });
});
