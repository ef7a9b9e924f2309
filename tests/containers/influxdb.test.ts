import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { noDocker } from '../fixtures/influx-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const skipped = noDocker();

test.skipIf(skipped)(
  `InfluxDB 2.7 in a container passes the conformance suite${skipped}`,
  { timeout: 900_000 },
  async () => {
    const token = randomBytes(16).toString('hex');
    const env = {
      MODE: 'setup',
      USERNAME: 'ronde',
      PASSWORD: token,
      ORG: 'ronde',
      BUCKET: 'first',
      ADMIN_TOKEN: token,
    };
    const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `DOCKER_INFLUXDB_INIT_${name}=${value}`]);
    const started = docker('run', '-d', '--rm', '-p', '127.0.0.1::8086', ...settings, 'influxdb:2.7');
    onTestFinished(() => void docker('rm', '-f', started));
    const url = `http://${docker('port', started, '8086').split('\n')[0]}`;
    await vi.waitFor(async () => expect((await fetch(`${url}/health`)).ok).toBe(true), {
      timeout: 120_000,
      interval: 500,
    });
    const run = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', 'packages/readings/src/influxdb-real'],
      {
        cwd: ROOT,
        env: { ...process.env, INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: 'ronde' },
        encoding: 'utf8',
      },
    );
    expect(`${run.stdout}${run.stderr}`).not.toContain('skipped: no InfluxDB');
    expect(run.status, run.stdout).toBe(0);
  },
);

function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args[0]}: ${stderr}`);
  return stdout.trim();
}
