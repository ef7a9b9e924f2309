import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  DOUBLE_ORG,
  DOUBLE_TOKEN,
  startInfluxDouble,
} from '../../packages/readings/src/influx-double/server.fixture.ts';
import { addFleet, judge, startLoad } from './load.ts';
import { emptyDir, ronde } from './scene.ts';

const NAME = 'readings.store.test';
const WAIT = { timeout: 120_000, interval: 100 };
const LONG_MS = 600_000;
/** Runs a command that sees another file in the place of /etc/hosts. */
const WITH_HOSTS = ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"'];

function canHaveHosts(): boolean {
  try {
    execFileSync(WITH_HOSTS[0]!, [...WITH_HOSTS.slice(1), '/etc/hosts', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!canHaveHosts())(
  'a store whose name moves to another address, and then to IPv6 alone, is found again; nothing is lost or doubled (skipped without root)',
  { timeout: LONG_MS },
  async () => {
    const hosts = join(emptyDir(), 'hosts');
    // written in place: a new file would not be the one that is mounted
    const nameIs = (address: string): void => writeFileSync(hosts, `127.0.0.1 localhost\n${address} ${NAME}\n`);
    const double = await startInfluxDouble('127.0.0.2');
    onTestFinished(() => double.close());
    nameIs('127.0.0.2');
    const env = {
      READINGS_URL: double.url.replace('127.0.0.2', NAME),
      INFLUX_TOKEN: DOUBLE_TOKEN,
      INFLUX_ORG: DOUBLE_ORG,
    };
    const running = await ronde(emptyDir(), env, [...WITH_HOSTS, hosts]);
    const fleet = await addFleet(running, 2);
    let number = 0;
    const acked: number[] = [];
    const onAck = (one: number): void => void acked.push(one);
    const someLoad = async (): Promise<void> => {
      const least = acked.length + 200;
      const load = await startLoad(running, { fleet, window: 1, nextNumber: () => number++, onAck });
      await vi.waitFor(() => expect(acked.length).toBeGreaterThan(least), WAIT);
      load.end();
      await load.over;
    };
    const isReady = async (status: number): Promise<void> =>
      vi.waitFor(async () => expect((await fetch(`${running.url}/health/ready`)).status).toBe(status), WAIT);
    await someLoad();
    await isReady(200);
    for (const address of ['127.0.0.3', '::1']) {
      await double.down();
      await someLoad();
      await isReady(503);
      nameIs(address);
      await double.up(address);
      await isReady(200);
      await someLoad();
    }
    expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
    process.stderr.write(`a store that moved twice: ${acked.length} acknowledged, 0 lost, 0 twice\n`);
  },
);
