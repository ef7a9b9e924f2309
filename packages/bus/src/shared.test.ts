import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRondeError } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { findMosquitto, freePort, startMosquitto, type Mosquitto } from '../../../tests/fixtures/mosquitto.ts';
import { findNats, startNats, type NatsServer } from '../../../tests/fixtures/nats.ts';
import { findRedis, startRedis, type RedisServer } from '../../../tests/fixtures/redis.ts';
import { describeBus, describeSharedBus } from './conformance.ts';
import { openBus } from './open.ts';

const mosquitto = findMosquitto();
const redis = findRedis();
const nats = findNats();
let broker: Mosquitto | undefined;
let server: RedisServer | undefined;
let natsServer: NatsServer | undefined;

beforeAll(async () => {
  if (mosquitto) broker = await startMosquitto(mosquitto);
  if (redis) server = await startRedis(redis);
  if (nats) natsServer = await startNats(nats);
});
afterAll(async () => {
  await broker?.kill();
  await server?.kill();
  await natsServer?.kill();
});

if (redis) describeBus('Redis bus', () => openBus(server!.url, silentLog()));
if (mosquitto) describeBus('MQTT bus', () => openBus(broker!.url, silentLog()));

describeSharedBus('Redis bus', {
  skip: redis === undefined,
  open: () => openBus(server!.url, silentLog()),
  async interrupt() {
    const { port } = server!;
    await server!.kill();
    server = await startRedis(redis!, { port });
  },
});
describeSharedBus('MQTT bus', {
  skip: mosquitto === undefined,
  open: () => openBus(broker!.url, silentLog()),
  async interrupt() {
    const { port } = broker!;
    await broker!.kill();
    broker = await startMosquitto(mosquitto!, { port });
  },
});

if (nats) describeBus('NATS bus', () => openBus(natsServer!.url, silentLog()));
describeSharedBus('NATS bus', {
  skip: nats === undefined,
  open: () => openBus(natsServer!.url, silentLog()),
  async interrupt() {
    const { port } = natsServer!;
    await natsServer!.kill();
    natsServer = await startNats(nats!, { port });
  },
});

test.each(['redis', 'mqtt'])('a %s bus that nobody serves is refused with its address', async (scheme) => {
  const port = await freePort();
  const refusal = await openBus(`${scheme}://127.0.0.1:${port}`, silentLog()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(isRondeError(refusal, 'BUS_UNREACHABLE')).toBe(true);
  expect((refusal as Error).message).toContain(`127.0.0.1:${port}`);
});
