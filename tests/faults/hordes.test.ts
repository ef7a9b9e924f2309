import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bytes, rawLogin, type RawClient } from '../../services/broker/src/harness.ts';
import type { HordePlan, HordeTold } from './horde.ts';
import { addFleet, connectDevice, judge, readingsOf, startLoad, caughtUp, type Fleet } from './load.ts';
import type { RondeProcess } from './platform-process.ts';
import { ronde } from './scene.ts';

const IS_LONG = process.env['FAULTS_ALL'] === '1';
const KEEPALIVE_LIMIT_S = 2;
const LOGINS_AT_ONCE = 500;
const LONG_MS = 900_000;
const WAIT = { timeout: 120_000, interval: 50 };

/** Lets a horde loose from a process of its own; resolves with what it tells. */
function horde(running: RondeProcess, plan: Omit<HordePlan, 'port' | 'bytes'>, packet: Buffer): Promise<HordeTold> {
  const script = fileURLToPath(new URL('./horde.ts', import.meta.url));
  const whole: HordePlan = { ...plan, port: running.mqttPort, bytes: packet.toString('base64') };
  const child = spawn(process.execPath, [script, JSON.stringify(whole)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return text(child.stdout).then((told) => JSON.parse(told) as HordeTold);
}

/** A load that goes on beside what the test does. */
async function loadBeside(running: RondeProcess, fleet: Fleet, keepaliveS?: number) {
  let number = 0;
  const acked: number[] = [];
  const onAck = (one: number): void => void acked.push(one);
  const times = keepaliveS === undefined ? {} : { keepaliveS };
  const load = await startLoad(running, { fleet, window: 5, nextNumber: () => number++, onAck, ...times });
  return {
    acked,
    async more(count: number): Promise<void> {
      const least = acked.length + count;
      await vi.waitFor(() => expect(acked.length).toBeGreaterThan(least), WAIT);
    },
    async end(): Promise<void> {
      load.end();
      await load.over;
    },
  };
}

const handlesOf = ({ child }: RondeProcess): number => readdirSync(`/proc/${child.pid}/fd`).length;

/** Nothing of a horde is left: as many handles as before it, memory not far above. */
async function backToBaseline(running: RondeProcess, before: { handles: number; rssMb: number }): Promise<number> {
  await vi.waitFor(() => expect(handlesOf(running)).toBeLessThanOrEqual(before.handles + 2), WAIT);
  const grownMb = running.rssMb() - before.rssMb;
  expect(grownMb).toBeLessThan(200);
  return grownMb;
}

const baselineOf = (running: RondeProcess) => ({ handles: handlesOf(running), rssMb: running.rssMb() });

test('a horde that asks for a keep alive of 18 hours is refused, and those that name none are cut when they fall silent', async () => {
  const running = await ronde(undefined, { MQTT_KEEPALIVE_LIMIT_S: String(KEEPALIVE_LIMIT_S) });
  const fleet = await addFleet(running, 42);
  const [talker, ...silent] = fleet.slice(2);
  const load = await loadBeside(running, fleet.slice(0, 2), KEEPALIVE_LIMIT_S);
  await load.more(50);
  const before = baselineOf(running);
  const endless = bytes.connect(talker!.id, { password: talker!.secret, keepaliveS: 65_535 });
  const told = await horde(running, { perS: 200, count: 400, addresses: ['127.0.0.1'], holdS: 60 }, endless);
  expect(told).toMatchObject({ opened: 400, answers: { 6: 400 }, stillOpen: 0 });

  // no keep alive at all: the limit holds for them too
  const clients: RawClient[] = [];
  for (const { id, secret } of silent) {
    const { code, client } = await rawLogin(running.mqttPort, bytes.connect(id, { password: secret, keepaliveS: 0 }));
    expect(code).toBe(0);
    clients.push(client);
  }
  const pinging = await connectDevice(running.mqttPort, talker!, KEEPALIVE_LIMIT_S);
  await Promise.all(clients.map(({ closed }) => closed));
  expect(pinging.connected).toBe(true);
  await pinging.endAsync();
  await load.more(50);
  await backToBaseline(running, before);
  await load.end();
  expect(await judge(running, fleet.slice(0, 2), load.acked)).toMatchObject({ lost: [], doubled: [] });
});

test(
  'a flood of wrong passwords holds up neither a load, nor devices that come new, nor is anything left of it',
  { timeout: LONG_MS },
  async () => {
    const count = IS_LONG ? 60_000 : 6_000;
    const running = await ronde();
    const fleet = await addFleet(running, 25);
    const load = await loadBeside(running, fleet.slice(0, 5));
    await load.more(500);
    const before = baselineOf(running);
    const cpuBeforeS = running.cpuS();
    const wrong = bytes.connect('bin-0', { password: 'guessed' });
    let isOver = false;
    const flood = horde(running, { perS: 2_000, count, addresses: ['127.0.0.7', '127.0.0.8'], holdS: 60 }, wrong);
    void flood.then(() => (isOver = true));
    let newcomers = 0;
    while (!isOver || newcomers < 20) {
      const client = await connectDevice(running.mqttPort, fleet[5 + (newcomers % 20)]!);
      await client.publishAsync(`v1/default/${fleet[5 + (newcomers % 20)]!.id}/up`, '{"fill":0.5}', { qos: 1 });
      await client.endAsync();
      newcomers += 1;
    }
    const told = await flood;
    const ackedMeanwhile = load.acked.length;
    expect(told.opened).toBe(count);
    expect(told.answers['0'] ?? 0).toBe(0);
    expect(told.answers['5']).toBeGreaterThan(0);
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
    const cpuS = running.cpuS() - cpuBeforeS;
    const grownMb = await backToBaseline(running, before);
    await load.more(500);
    await load.end();
    expect(await judge(running, fleet.slice(0, 5), load.acked)).toMatchObject({ lost: [], doubled: [] });
    process.stderr.write(
      `${count} wrong passwords in ${told.tookS.toFixed(1)} s: ${JSON.stringify(told.answers)}; ${newcomers} newcomers served, ` +
        `${ackedMeanwhile} acknowledged meanwhile; ${(cpuS / told.tookS).toFixed(2)} processors, memory ${grownMb.toFixed(0)} MB up\n`,
    );
  },
);

test('nothing is kept for those who are away: sessions are refused, and a device that left gets no queue', async () => {
  const running = await ronde();
  const fleet = await addFleet(running, 4);
  const [away] = fleet;
  const { secret: networkSecret } = await running.call<{ secret: string }>('POST', '/v1/integrations', {
    id: 'tts',
    source: 'things-stack',
  });
  const load = await loadBeside(running, fleet.slice(1));
  await load.more(500);
  const before = baselineOf(running);
  // a session to be kept is refused for devices and network servers alike, so that there is no queue to fill
  const kept = [
    bytes.connect(away!.id, { password: away!.secret, clean: false }),
    bytes.connect('whatever', { user: 'integration:tts', password: networkSecret, clean: false }),
  ];
  for (const packet of kept) {
    const told = await horde(running, { perS: 500, count: 500, addresses: ['127.0.0.1'], holdS: 60 }, packet);
    expect(told).toMatchObject({ answers: { 2: 500 }, stillOpen: 0 });
  }
  // one that listens and goes, over and over, beside the load
  for (let round = 0; round < 50; round++) {
    const client = await connectDevice(running.mqttPort, away!);
    await client.subscribeAsync(`v1/default/${away!.id}/down`, { qos: 1 });
    client.stream.destroy();
  }
  await load.more(IS_LONG ? 40_000 : 10_000);
  await load.end();
  const grownMb = await backToBaseline(running, before);
  const back = await connectDevice(running.mqttPort, away!);
  const heard: string[] = [];
  back.on('message', (topic) => heard.push(topic));
  await back.publishAsync(`v1/default/${away!.id}/up`, '{"count":1}', { qos: 1 });
  expect(heard).toEqual([]);
  await back.endAsync();
  expect(await judge(running, fleet.slice(1), load.acked)).toMatchObject({ lost: [], doubled: [] });
  process.stderr.write(`sessions to be kept: 1,000 refused, memory ${grownMb.toFixed(0)} MB up\n`);
});

test(
  'all devices that report at the same moment are acknowledged and stored, round after round',
  { timeout: LONG_MS },
  async () => {
    const count = IS_LONG ? 10_000 : 1_000;
    const rounds = 3;
    const running = await ronde();
    const fleet = await addFleet(running, count);
    const enter = async ({ id, secret }: Fleet[number]): Promise<RawClient> => {
      const { code, client } = await rawLogin(
        running.mqttPort,
        bytes.connect(id, { password: secret, keepaliveS: 600 }),
      );
      expect(code).toBe(0);
      return client;
    };
    const clients: RawClient[] = [];
    // as many at a time as may be without login from one address
    for (let from = 0; from < count; from += LOGINS_AT_ONCE)
      clients.push(...(await Promise.all(fleet.slice(from, from + LOGINS_AT_ONCE).map((device) => enter(device)))));
    const before = running.rssMb();
    const tookMs: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const startMs = performance.now();
      const report = async (client: RawClient, index: number): Promise<void> => {
        const message = JSON.stringify({ seq: round, count: round });
        client.send(bytes.publish(`v1/default/bin-${index}/up`, message, { packetId: round }));
        // CONNACK and a PUBACK a round, of four bytes each
        const got = await client.received(4 + 4 * round);
        expect([...got.subarray(4 * round)]).toEqual([0x40, 2, 0, round]);
        tookMs.push(performance.now() - startMs);
      };
      await Promise.all(clients.map(report));
    }
    await caughtUp(running);
    const faults: string[] = [];
    for (const { id } of fleet) {
      const values = (await readingsOf(running, id, 'count')).map(({ value }) => value).sort();
      if (String(values) !== '1,2,3') faults.push(`${id}: ${values}`);
    }
    expect(faults).toEqual([]);
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
    tookMs.sort((a, b) => a - b);
    process.stderr.write(
      `${count} devices at once, ${rounds} times: acknowledged after ${Math.round(tookMs[tookMs.length >> 1]!)} ms (median), ` +
        `${Math.round(tookMs[Math.floor(tookMs.length * 0.99)]!)} ms (p99); memory ${(running.rssMb() - before).toFixed(0)} MB up\n`,
    );
  },
);
