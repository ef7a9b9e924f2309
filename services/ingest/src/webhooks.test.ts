import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Source } from '@ronde/contracts';
import { hashSecret } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { sharedData } from '../../../tests/shared-data.ts';
import { NOW, TENANT, openWorld, thingsStackUplink, type World } from './fixtures.ts';
import { CHIRPSTACK } from './sources/protobuf-vectors.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

const EUI = '24e124713d492002';

async function withSecret(world: World, id: string, source: Source, tenant = TENANT): Promise<void> {
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

test('every network hands in its own form: binary bodies, events in the query or the path, parameters of its own', async () => {
  const world = await openWorld({ types });
  const sources = ['chirpstack', 'milesight-nb', 'sigfox', 'thingpark', 'things-stack'] as const;
  for (const source of sources) await withSecret(world, source, source);
  await world.addDevice('cs', 'milesight-em400-tld', { externalIds: { devEui: '0101010101010101' } });
  await world.addDevice('nb', 'milesight-em400-tld', { externalIds: { imei: '868508064807350' } });
  await world.addDevice('sf', 'milesight-em400-tld', { externalIds: { networkId: '1A2345' } });
  await world.addDevice('tp', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
  await world.start();
  const post = (path: string, payload: Uint8Array | object, type = 'application/json') =>
    world.http.inject({
      method: 'POST',
      url: `/v1/uplinks/${path}`,
      headers: { authorization: `Bearer secret-of-${path.split(/[/?]/)[0]}`, 'content-type': type },
      payload: payload instanceof Uint8Array ? Buffer.from(payload) : JSON.stringify(payload),
    });
  const bytes = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
  const frame =
    '020001005f000000013031303130313130363734394431393035343639303033313836383530383036343830373335303436303034333232343231333131303839383630343132313032323730303632383537090007' +
    '0367100104823b01';
  const join = { end_device_ids: { dev_eui: EUI }, join_accept: { session_key_id: 's' } };
  const report = {
    DevEUI_uplink: { DevEUI: EUI, FPort: 85, FCntUp: 3, payload_hex: '03671001', Time: '2026-01-05T06:00:00Z' },
  };
  const sigfox = { device: '1A2345', data: '03671001', seqNumber: 1, time: NOW / 1000 };
  const query = 'LrnDevEui=X&LrnFPort=85&LrnInfos=TWA&Time=2026-01-05T06%3A00%3A00.000%2B01%3A00&Token=00';
  const answers = [
    await post('chirpstack?event=join', bytes(CHIRPSTACK.join), 'application/octet-stream'),
    await post('milesight-nb', bytes(frame.replace('090007', '090008')), 'application/octet-stream'),
    await post('things-stack/join', join),
    await post(`thingpark?${query}`, report),
    await post('sigfox', sigfox),
    await post('sigfox', { ...sigfox, seqNumber: 2, ack: true }),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 204]);
  await world.settled();
  expect(world.traces.map(({ outcome, deviceId }) => `${deviceId} ${outcome}`).sort()).toEqual(
    ['cs event', 'nb stored', 'sf stored', 'sf stored', 'tp event', 'tp stored'].sort(),
  );
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
