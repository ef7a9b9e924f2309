import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { Aedes } from 'aedes';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findMosquitto, freePort, startMosquitto, type Mosquitto } from '../../../../tests/fixtures/mosquitto.ts';
import { follow, type Follower, type FollowOptions } from './follower.ts';
import type { UpstreamMessage } from './session.ts';
import { upstreamOf, type UpstreamInput } from './upstream-of.ts';

const program = findMosquitto();
const describeWith = test.skipIf(program === undefined);
const WAIT = { timeout: 15_000, interval: 20 };

async function mosquitto(options: Parameters<typeof startMosquitto>[1] = {}): Promise<Mosquitto> {
  const broker = await startMosquitto(program!, options);
  onTestFinished(() => broker.kill());
  return broker;
}

async function client(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const made = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  made.on('error', () => undefined);
  onTestFinished(() => void made.end(true));
  return made;
}

type Followed = Follower & { taken: UpstreamMessage[]; texts(): string[] };

function following(url: string, over: Partial<FollowOptions> & { input?: Partial<UpstreamInput> } = {}): Followed {
  const { input, ...options } = over;
  const taken: UpstreamMessage[] = [];
  const follower = follow({
    upstream: upstreamOf({ url, filters: ['v1/t/+/up'], ...input }),
    clientId: 'ronde-test',
    protocol: 'auto',
    keepaliveS: 30,
    sessionExpiryS: 600,
    maxInFlight: 100,
    take: async (message) => void taken.push(message),
    random: () => 0,
    ...options,
  });
  onTestFinished(() => follower.abandon());
  return Object.assign(follower, { taken, texts: () => taken.map(({ payload }) => payload.toString()) });
}

const connected = (follower: Follower): Promise<void> =>
  vi.waitFor(() => expect(follower.state()).toMatchObject({ isConnected: true, trouble: undefined }), WAIT);
/** The subscription follows the connection: a message that nobody follows yet would be gone. */
const subscribed = async (follower: Followed, publisher: MqttClient): Promise<void> => {
  await connected(follower);
  await vi.waitFor(async () => {
    await publisher.publishAsync('v1/t/probe/up', 'probe', { qos: 1 });
    expect(follower.texts()).toContain('probe');
  }, WAIT);
  follower.taken.length = 0;
};

describeWith.each([4, 5] as const)(
  'MQTT %i: nothing is acknowledged before it is kept, and what was not comes again',
  async (protocol) => {
    const broker = await mosquitto();
    const publisher = await client(broker.url);
    const hung = following(broker.url, { protocol, take: () => new Promise(() => undefined) });
    await connected(hung);
    await vi.waitFor(async () => {
      await publisher.publishAsync('v1/t/bin-1/up', 'one', { qos: 1 });
      expect(hung.state().inFlight).toBeGreaterThan(0);
    }, WAIT);
    const kept = hung.state().inFlight;
    hung.abandon();
    const next = following(broker.url, { protocol });
    await vi.waitFor(() => expect(next.taken.length).toBeGreaterThanOrEqual(kept), WAIT);
    expect(next.taken[0]).toMatchObject({ dup: true, qos: 1, topic: 'v1/t/bin-1/up' });
    await vi.waitFor(() => expect(next.state().inFlight).toBe(0), WAIT);
  },
);

describeWith('what comes while we are away waits in the session, QoS 2 included, and comes once', async () => {
  const broker = await mosquitto();
  const publisher = await client(broker.url);
  const first = following(broker.url);
  await subscribed(first, publisher);
  await first.stop();
  for (let n = 0; n < 50; n++) await publisher.publishAsync('v1/t/bin-1/up', String(n), { qos: n % 2 === 0 ? 1 : 2 });
  const second = following(broker.url);
  await vi.waitFor(() => expect(second.texts()).toEqual(Array.from({ length: 50 }, (_, n) => String(n))), WAIT);
  expect(second.state().sessionsLost).toBe(0);
});

describeWith('two workers of a group divide the messages, and each message comes to one of them', async () => {
  const broker = await mosquitto();
  const publisher = await client(broker.url);
  const workers = ['a', 'b'].map((name) =>
    following(broker.url, { clientId: `ronde-${name}`, input: { share: 'ingest' } }),
  );
  await Promise.all(workers.map(connected));
  await vi.waitFor(async () => {
    await publisher.publishAsync('v1/t/probe/up', 'probe', { qos: 1 });
    for (const { taken } of workers) expect(taken.length).toBeGreaterThan(0);
  }, WAIT);
  for (const { taken } of workers) taken.length = 0;
  for (let n = 0; n < 100; n++) await publisher.publishAsync('v1/t/bin-1/up', String(n), { qos: 1 });
  await vi.waitFor(() => expect(workers.flatMap((worker) => worker.texts())).toHaveLength(100), WAIT);
  expect(new Set(workers.flatMap((worker) => worker.texts())).size).toBe(100);
  for (const { taken } of workers) expect(taken.length).toBeGreaterThan(20);
});

describeWith('a message that cannot be kept ends the connection without acknowledgement and comes again', async () => {
  const broker = await mosquitto();
  const publisher = await client(broker.url);
  let refusals = 2;
  const kept: string[] = [];
  const follower = following(broker.url, {
    take: async ({ payload }) => {
      if (payload.toString() === 'probe') return;
      if (refusals-- > 0) throw new Error('the disk is full');
      kept.push(payload.toString());
    },
  });
  await connected(follower);
  await vi.waitFor(async () => {
    await publisher.publishAsync('v1/t/bin-1/up', 'data', { qos: 1 });
    expect(follower.state().trouble).toContain('the disk is full');
  }, WAIT);
  // a further message on its way may be kept before the connection is made anew
  await vi.waitFor(() => {
    expect(kept.length).toBeGreaterThan(0);
    expect(follower.state().connects).toBeGreaterThan(1);
  }, WAIT);
});

describeWith('a broker that restarts is followed again, and its stored queue is read', async () => {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'ronde-mosquitto-test-'));
  const broker = await startMosquitto(program!, { port, dir });
  const publisher = await client(broker.url);
  const follower = following(broker.url);
  await subscribed(follower, publisher);
  await broker.stop();
  await vi.waitFor(() => expect(follower.state().isConnected).toBe(false), WAIT);
  await mosquitto({ port, dir });
  const again = await client(`mqtt://127.0.0.1:${port}`);
  await connected(follower);
  await again.publishAsync('v1/t/bin-1/up', 'after', { qos: 1 });
  await vi.waitFor(() => expect(follower.texts()).toContain('after'), WAIT);
  expect(follower.state().sessionsLost).toBe(0);
});

describeWith('a refused login is told with its remedy', async () => {
  const broker = await mosquitto({ lines: ['allow_anonymous false'] });
  const follower = following(broker.url, { input: { username: 'nobody', password: 'wrong' } });
  await vi.waitFor(() => expect(follower.state().remedy).toContain('user name and password'), WAIT);
  expect(follower.state()).toMatchObject({ isConnected: false, connects: 0 });
});

test('a broker that speaks 3.1.1 only is followed in it; a group is refused there rather than silently empty', async () => {
  const aedes = await Aedes.createBroker();
  const server = createServer((socket) => void aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    return new Promise<void>((resolve) => aedes.close(() => resolve()));
  });
  const url = `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
  const plain = following(url);
  const publisher = await client(url);
  await subscribed(plain, publisher);
  expect(plain.state().version).toBe(4);
  const shared = following(url, { clientId: 'shared', input: { share: 'ingest' } });
  await vi.waitFor(() => expect(shared.state().trouble).toContain('nothing tells whether $share delivers'), WAIT);
  expect(shared.state().isConnected).toBe(false);
});

describeWith('retained copies stay away, and a payload of megabytes comes by its start', async () => {
  const broker = await mosquitto();
  const publisher = await client(broker.url);
  await publisher.publishAsync('v1/t/bin-9/up', 'old', { qos: 1, retain: true });
  const follower = following(broker.url);
  await subscribed(follower, publisher);
  await publisher.publishAsync('v1/t/bin-1/up', Buffer.alloc(3_000_000, 66), { qos: 1 });
  await publisher.publishAsync('v1/t/bin-1/up', 'after', { qos: 1 });
  await vi.waitFor(() => expect(follower.texts()).toContain('after'), WAIT);
  expect(follower.texts()).not.toContain('old');
  expect(follower.taken.map(({ payloadBytes }) => payloadBytes)).toEqual([3_000_000, 5]);
  expect(follower.taken[0]!.payload.length).toBeLessThan(20_000);
});

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
test.skipIf(program === undefined || !hasOpenssl)(
  'over TLS only a broker of the given authority is followed, with a client certificate where it wants one (needs openssl)',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ronde-bridge-tls-'));
    const openssl = (line: string): void =>
      void execFileSync('openssl', line.split(' '), { cwd: dir, stdio: 'ignore' });
    openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.pem -subj /CN=test-ca');
    for (const name of ['localhost', 'client']) {
      openssl(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
      openssl(`x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out ${name}.pem`);
    }
    const at = (name: string): string => join(dir, name);
    const broker = await mosquitto({
      lines: [
        `cafile ${at('ca.pem')}`,
        `certfile ${at('localhost.pem')}`,
        `keyfile ${at('localhost.key')}`,
        'require_certificate true',
      ],
    });
    const url = `mqtts://localhost:${broker.port}`;
    const [ca, cert, key] = ['ca.pem', 'client.pem', 'client.key'].map((name) => readFileSync(at(name)));
    const stranger = following(url, { clientId: 'stranger', input: { cert, key } });
    await vi.waitFor(() => expect(stranger.state().trouble).toMatch(/certificate/i), WAIT);
    const nobody = following(url, { clientId: 'nobody', input: { ca } });
    const known = following(url, { clientId: 'known', input: { ca, cert, key } });
    await connected(known);
    expect(nobody.state()).toMatchObject({ isConnected: false, connects: 0 });
  },
);
