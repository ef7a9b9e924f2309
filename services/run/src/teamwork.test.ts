import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRondeError } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { openRegistry } from '@ronde/registry';
import { expect, onTestFinished, test } from 'vitest';
import { readAll } from './config.ts';
import { openTeamwork, type Teamwork } from './teamwork.ts';

/** A registry that workers share, each with a folder of its own. */
async function sharedRegistry(): Promise<(worker: string, readingsUrl: string) => Promise<Teamwork>> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-teamwork-'));
  const registry = await openRegistry('sqlite::memory:', { dataDir: dir, log: silentLog() });
  const opened: Teamwork[] = [];
  onTestFinished(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await registry.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return async (worker, readingsUrl) => {
    const configs = readAll({
      REGISTRY_URL: 'postgres://db/ronde',
      READINGS_URL: readingsUrl,
      INFLUX_TOKEN: 'token-of-the-tests',
      INGEST_WORKER: worker,
    });
    if (!configs.ok) throw new Error(JSON.stringify(configs.faults));
    const teamwork = await openTeamwork({
      registry,
      configs: configs.value,
      roles: ['ingest'],
      dataDir: mkdtempSync(join(dir, worker)),
      log: silentLog(),
      onOvertaken: () => undefined,
      claimPatienceMs: 100,
    });
    opened.push(teamwork);
    return teamwork;
  };
}
const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was accepted',
    (thrown: unknown) => thrown,
  );

test('workers on PostgreSQL number their frames apart; two of one name are refused', async () => {
  const open = await sharedRegistry();
  const [a, b] = [await open('w0', 'postgres://db/ronde'), await open('w1', 'postgres://db/ronde')];
  expect(a.firstSeq).not.toBe(b.firstSeq);
  const thrown = await refusal(open('w1', 'postgres://db/ronde'));
  expect(isRondeError(thrown, 'CONFIG_INVALID')).toBe(true);
  expect((thrown as Error).message).toContain('INGEST_WORKER w1');
});

test.each(['influxdb+http://influx:8086', 'sqlite:'])(
  'over %s one worker runs; a second is refused while it does, for both could store one uplink',
  async (readingsUrl) => {
    const open = await sharedRegistry();
    const only = await open('w0', readingsUrl);
    const thrown = await refusal(open('w1', readingsUrl));
    expect(isRondeError(thrown, 'CONFIG_INVALID')).toBe(true);
    expect((thrown as Error).message).toMatch(/^READINGS_URL: .*postgres:\/\/ in each, or one worker$/);
    await only.close();
    await open('w2', readingsUrl);
  },
);
