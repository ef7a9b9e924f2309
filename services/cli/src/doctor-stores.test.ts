import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  DOUBLE_ORG,
  DOUBLE_TOKEN,
  startInfluxDouble,
} from '../../../packages/readings/src/influx-double/server.fixture.ts';
import { noPostgres, openPostgres, type PostgresServer } from '../../../tests/fixtures/postgres-server.ts';
import { diagnose } from './doctor.ts';

async function checksOf(env: Record<string, string>) {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'ronde-doctor-'));
  onTestFinished(() => rmSync(DATA_DIR, { recursive: true }));
  const { checks } = await diagnose({ DATA_DIR, HTTP_PORT: '0', MQTT_PORT: '0', ...env });
  return (name: string) => checks.find((check) => check.name === name);
}

test('doctor asks an InfluxDB with the token and the bucket of the configuration, and says what is wrong', async () => {
  const double = await startInfluxDouble();
  onTestFinished(() => double.close());
  const env = { READINGS_URL: double.url, INFLUX_TOKEN: DOUBLE_TOKEN, INFLUX_ORG: DOUBLE_ORG, INFLUX_BUCKET: 'ronde' };
  expect((await checksOf(env))('READINGS_URL')).toMatchObject({ ok: true, detail: expect.stringContaining('ronde') });
  expect((await checksOf({ ...env, INFLUX_TOKEN: 'another' }))('READINGS_URL')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('ronde influx setup'),
  });
  await double.down();
  expect((await checksOf(env))('READINGS_URL')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('ECONNREFUSED'),
  });
});

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());

  test('doctor asks each PostgreSQL of the configuration, and holds the clock against it', async () => {
    const url = await server.createDatabase();
    const check = await checksOf({ REGISTRY_URL: url, READINGS_URL: url });
    // the server of the tests forgets on a power cut, and is told so
    for (const name of ['REGISTRY_URL', 'READINGS_URL'])
      expect(check(name)).toMatchObject({ ok: false, detail: expect.stringMatching(/answers, but fsync .*is off/) });
    expect(check('clock')).toMatchObject({ ok: true, detail: expect.stringContaining('REGISTRY_URL, READINGS_URL') });
    const gone = await checksOf({ REGISTRY_URL: 'postgres://u:secret@127.0.0.1:1/d' });
    expect(gone('REGISTRY_URL')).toMatchObject({ ok: false, detail: expect.stringContaining('ECONNREFUSED') });
    expect(gone('REGISTRY_URL')!.detail).not.toContain('secret');
  });
});
