import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../fixtures/mosquitto.ts';
import { addFleet, connectDevice } from './load.ts';
import { runRonde, startRonde, type Ended } from './platform-process.ts';

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-away-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
const start = (env: Record<string, string>): Promise<Ended> => runRonde(['start'], { DATA_DIR: folder(), ...env });

// a supervisor starts it again: what must not be is a process that has failed and stays
test.each([
  ['BUS_URL', 'redis://127.0.0.1'],
  ['BUS_URL', 'mqtt://127.0.0.1'],
  ['REGISTRY_URL', 'postgres://nobody@127.0.0.1'],
  ['READINGS_URL', 'postgres://nobody@127.0.0.1'],
])(
  'a start while nobody serves %s=%s ends with the address and the remedy',
  async (name, address) => {
    const url = `${address}:${await freePort()}`;
    const { code, stderr } = await start({ LOG_LEVEL: 'silent', [name]: url });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^ronde: .*127\.0\.0\.1:\d+.*_UNREACHABLE\): /);
    expect(stderr).toContain(`check ${name}`);
  },
  120_000,
);

/** Not ready, and not for another reason of its start. */
async function saysWhy(url: string): Promise<void> {
  const answer = await fetch(`${url}/health/ready`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('ECONNREFUSED');
}

test('a start while InfluxDB is away takes messages, and says that it waits for it', async () => {
  const env = { READINGS_URL: `influxdb+http://127.0.0.1:${await freePort()}`, INFLUX_TOKEN: 'token-of-the-tests' };
  const ronde = await startRonde({ dataDir: folder(), env });
  onTestFinished(async () => void (await ronde.kill()));
  const [device] = await addFleet(ronde, 1);
  const client = await connectDevice(ronde.mqttPort, device!);
  await client.publishAsync('v1/default/bin-0/up', '{"fill":0.5}', { qos: 1 });
  await client.endAsync();
  await vi.waitFor(() => saysWhy(ronde.url), { timeout: 90_000, interval: 250 });
}, 120_000);

test('a start while the outside broker is away goes on, and says that it waits for it', async () => {
  const env = { MQTT_UPSTREAM_URL: `mqtt://127.0.0.1:${await freePort()}` };
  const ronde = await startRonde({ dataDir: folder(), env });
  onTestFinished(async () => void (await ronde.kill()));
  await vi.waitFor(() => saysWhy(ronde.url), { timeout: 90_000, interval: 250 });
}, 120_000);
