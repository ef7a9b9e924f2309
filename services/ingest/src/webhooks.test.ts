import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashSecret } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { sharedData } from '../../../tests/shared-data.ts';
import { NOW, TENANT, openWorld, thingsStackUplink, type World } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

const EUI = '24e124713d492002';

async function withSecret(
  world: World,
  id: string,
  source: 'things-stack' | 'chirpstack',
  tenant = TENANT,
): Promise<void> {
  await world.registry.integrations.put(tenant, {
    id,
    source,
    createdAt: world.clock.iso(),
    secretHash: hashSecret(`secret-of-${id}`),
  });
  await world.bus.publish('registry.changed', { tenant, kind: 'integration', id, deleted: false });
}

test('a webhook takes the secret as Bearer or Basic, for its own source only, and keeps the body as sent', async () => {
  const world = await openWorld({ types });
  await withSecret(world, 'tts', 'things-stack');
  await withSecret(world, 'cs', 'chirpstack', 'other');
  await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
  await world.start();
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const post = (source: string, authorization: string | undefined, payload: string, type = 'application/json') =>
    world.http.inject({
      method: 'POST',
      url: `/v1/uplinks/${source}`,
      headers: { ...(authorization && { authorization }), 'content-type': type },
      payload,
    });
  const body = JSON.stringify(thingsStackUplink(EUI, { hex: '03671001', fPort: 85, fCnt: 1, atMs: NOW }));
  const table: [string, string | undefined, number][] = [
    ['things-stack', undefined, 401],
    ['things-stack', 'Bearer wrong', 401],
    ['things-stack', 'Bearer', 401],
    ['things-stack', basic('tts:wrong'), 401],
    ['things-stack', basic('nobody:secret-of-tts'), 401],
    ['chirpstack', 'Bearer secret-of-tts', 401],
    ['nonsense', 'Bearer secret-of-tts', 401],
    ['things-stack', 'Bearer secret-of-tts', 200],
    ['things-stack', basic('tts:secret-of-tts'), 200],
    ['chirpstack', basic('cs:secret-of-cs'), 200],
  ];
  for (const [source, authorization, status] of table)
    expect([source, authorization, (await post(source, authorization, body)).statusCode]).toEqual([
      source,
      authorization,
      status,
    ]);
  expect((await post('things-stack', 'Bearer secret-of-tts', '{ not json', 'text/plain')).json()).toEqual({
    accepted: 1,
  });
  expect((await post('things-stack', 'Bearer secret-of-tts', 'x'.repeat(70_000))).statusCode).toBe(413);
  await world.settled();
  const frame = await world.inbox.get(1);
  expect(Buffer.from(frame!.payload).toString()).toBe(body);
  expect(frame).toMatchObject({
    topic: 'webhook/things-stack',
    origin: { kind: 'integration', id: 'tts' },
    tenant: TENANT,
  });
  expect(world.traces.map(({ outcome }) => outcome).sort()).toEqual([
    'dead-letter',
    'dead-letter',
    'duplicate',
    'stored',
  ]);
});

test('an event of ChirpStack that the query names is taken as such', async () => {
  const world = await openWorld({ types });
  await withSecret(world, 'cs', 'chirpstack');
  await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
  await world.start();
  const payload = { deviceInfo: { devEui: EUI }, devAddr: '00189440', fCnt: 0 };
  const answer = await world.http.inject({
    method: 'POST',
    url: '/v1/uplinks/chirpstack?event=join',
    headers: { authorization: 'Bearer secret-of-cs' },
    payload,
  });
  expect(answer.json()).toEqual({ accepted: 1 });
  await world.settled();
  expect(world.traces).toMatchObject([{ outcome: 'event', deviceId: 'laser', topic: 'webhook/chirpstack/event/join' }]);
});

test('a webhook is told to come back while the inbox cannot store', async () => {
  const world = await openWorld({ types });
  await withSecret(world, 'cs', 'chirpstack');
  await world.start();
  await world.inbox.close();
  const answer = await world.http.inject({
    method: 'POST',
    url: '/v1/uplinks/chirpstack',
    headers: { authorization: 'Bearer secret-of-cs' },
    payload: {},
  });
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
});

const pairs = sharedData('sensors/envelope-pairs.jsonl');
test.skipIf(!pairs)(
  'real messages of registered devices become readings, the others dead letters, none is lost (needs the shared data)',
  async () => {
    const world = await openWorld({ types });
    await world.addDevice('known', 'milesight-em400-tld', { externalIds: { devEui: '24e1641092176759' } });
    await world.start();
    const sources: Record<string, 'things-stack' | 'chirpstack'> = {
      ThingsStackCommunity: 'things-stack',
      ThingsStackIndustries: 'things-stack',
      ChirpStack: 'chirpstack',
      HTTP: 'chirpstack',
    };
    const lines = readFileSync(pairs!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { integration: string; payload: unknown });
    const own = lines.filter(({ integration }) => integration in sources);
    for (const { integration, payload } of own)
      await world.send(payload, {
        source: sources[integration]!,
        origin: { kind: 'integration', id: 'any' },
        topic: 'webhook/any',
      });
    await world.settled();
    expect(world.traces).toHaveLength(own.length);
    const codes = new Set<string>((await world.letters()).map(({ code }) => code));
    expect([...codes].filter((code) => code !== 'DEVICE_UNKNOWN' && code !== 'CODEC_FAULT')).toEqual([]);
    expect((await world.letters()).filter(({ stage }) => stage === 'envelope')).toEqual([]);
  },
);
