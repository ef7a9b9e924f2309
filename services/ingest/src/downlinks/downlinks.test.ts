import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Downlink, IntegrationRecord, NetworkEvent } from '@ronde/contracts';
import { hashSecret } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { TENANT, openWorld, temporaryDir, type World } from '../fixtures.ts';
import type { MqttOutlet } from './outlet.ts';

const EUI = 'a84041b2c1d2e3f4';
const HOUR = { setting: 'report_interval', parameters: { seconds: 3600 } };
let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

async function call(world: World, method: 'GET' | 'POST' | 'DELETE', url: string, body?: object) {
  const answer = await world.http.inject({
    method,
    url,
    headers: { authorization: 'Bearer engineer' },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.json() as Record<string, never> & Downlink };
}

interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

function bodyOf(text: string): unknown {
  return text === '' ? undefined : /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text;
}

/** A network server outside: answers what it is told to and notes what it was asked. */
async function network(answers: { status: number; body?: unknown }[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body: bodyOf(text) });
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function sceneWith(
  source: IntegrationRecord['source'],
  api: { url: string; applicationId?: string; user?: string; key?: string; tokenUrl?: string; tokenAudience?: string },
  options: { dir?: string; mqtt?: MqttOutlet } = {},
): Promise<World> {
  const world = await openWorld({ types, ...options });
  const { key, ...open } = api;
  const integration: IntegrationRecord = {
    id: 'net',
    source,
    createdAt: world.clock.iso(),
    secretHash: '',
    api: { ...open, ...(key && { keySealed: world.sealer.seal(key, 'integration/net') }) },
  };
  await world.registry.integrations.put(TENANT, integration);
  await world.addDevice('bin-1', 'milesight-ws201', { externalIds: { devEui: EUI }, integrationId: 'net' });
  await world.start();
  return world;
}
const told = (world: World, event: Partial<Extract<NetworkEvent, { kind: 'downlink' }>>): Promise<void> =>
  world.bus.publish('network.told', {
    tenant: TENANT,
    items: [
      {
        deviceId: 'bin-1',
        receivedAtMs: world.clock.nowMs(),
        event: {
          source: 'things-stack',
          device: { devEui: EUI },
          atMs: null,
          kind: 'downlink',
          status: 'sent',
          correlationId: null,
          fCntDown: null,
          detail: null,
          ...event,
        },
      },
    ],
  });

test('a setting is encoded, queued at The Things Stack with its key, and followed until the device has it', async () => {
  const tts = await network([{ status: 200 }]);
  const world = await sceneWith('things-stack', { url: tts.url, applicationId: 'bins', key: 'NNSXS.KEY' });
  const sent = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect(sent).toMatchObject({ status: 201, body: { status: 'queued', attempts: 1, fPort: 85 } });
  expect(tts.asked).toHaveLength(1);
  const [{ url, headers, body }] = tts.asked as [Asked];
  expect(url).toBe(`/api/v3/as/applications/bins/devices/eui-${EUI}/down/push`);
  expect(headers.authorization).toBe('Bearer NNSXS.KEY');
  const frmPayload = Buffer.from(sent.body.payloadHex, 'hex').toString('base64');
  expect(body).toMatchObject({ downlinks: [{ f_port: 85, frm_payload: frmPayload, confirmed: true }] });

  await told(world, { status: 'sent', correlationId: `ronde:${sent.body.id}` });
  await told(world, { status: 'acknowledged', correlationId: `ronde:${sent.body.id}` });
  const { body: ended } = await call(world, 'GET', `/v1/downlinks/${sent.body.id}`);
  expect(ended.history.map(({ status }) => status)).toEqual(['queued', 'queued', 'sent', 'acknowledged']);
  // from now on silence is judged by the interval that the device took
  expect(await world.registry.devices.get(TENANT, 'bin-1')).toMatchObject({ expectedIntervalS: 3600 });
});

test('a network that is away is tried again until it takes the downlink, also over a restart', async () => {
  const chirpstack = await network([{ status: 503 }, { status: 503 }, { status: 200, body: { id: 'queue-7' } }]);
  const dir = await temporaryDir();
  const world = await sceneWith('chirpstack', { url: chirpstack.url, key: 'token' }, { dir });
  const { body: first } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect(first).toMatchObject({ status: 'queued', attempts: 1 });
  expect(first.history.at(-1)!.detail).toContain('503');
  expect(first.handedOverAt).toBeUndefined();
  await world.close();

  const again = await openWorld({ types, dir });
  await again.start();
  await vi.waitFor(async () => {
    again.clock.advance(3_600_000);
    const { body } = await call(again, 'GET', `/v1/downlinks/${first.id}`);
    expect(body).toMatchObject({ status: 'queued', networkRef: 'queue-7' });
  });
  expect(chirpstack.asked.map(({ url }) => url)).toEqual(Array(3).fill(`/api/devices/${EUI}/queue`));
  expect(chirpstack.asked[0]!.headers['grpc-metadata-authorization']).toBe('Bearer token');
  await told(again, { source: 'chirpstack', status: 'acknowledged', correlationId: 'queue-7' });
  expect((await call(again, 'GET', `/v1/downlinks/${first.id}`)).body.status).toBe('acknowledged');
});

test('a refusal of the network ends the downlink with what the network said', async () => {
  const loriot = await network([{ status: 200, body: { error: 'device not found' } }]);
  const world = await sceneWith('loriot', { url: loriot.url, applicationId: 'BE01', key: 'k' });
  const { body } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect(body).toMatchObject({ status: 'failed' });
  expect(body.history.at(-1)!.detail).toContain('device not found');
  expect(loriot.asked[0]!.body).toMatchObject({ cmd: 'tx', EUI: EUI.toUpperCase(), port: 85, appid: 'BE01' });
});

test('ThingPark takes the payload in the body, and how to send it in the address', async () => {
  const thingpark = await network([{ status: 200 }]);
  const world = await sceneWith('thingpark', { url: `${thingpark.url}/thingpark/dx/core/latest/api`, key: 'token' });
  const { body: sent } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect(sent).toMatchObject({ status: 'queued' });
  const [{ url, headers, body }] = thingpark.asked as [Asked];
  expect(url).toBe(
    `/thingpark/dx/core/latest/api/devices/${EUI.toUpperCase()}/downlinkMessages?confirmDownlink=true&flushDownlinkQueue=false`,
  );
  expect(headers.authorization).toBe('Bearer token');
  expect(body).toEqual({ payloadHex: sent.payloadHex, targetPorts: '85', correlationId: sent.networkRef });
});

test('KPN Things takes a SenML record, with an access token that lasts for many', async () => {
  const kpn = await network([
    { status: 415 },
    { status: 200, body: { access_token: 'jwt', expires_in: 3600 } },
    { status: 200 },
  ]);
  const world = await sceneWith('kpn', {
    url: kpn.url,
    key: 'secret',
    user: 'api-key-id',
    tokenUrl: `${kpn.url}/token`,
    tokenAudience: 'things',
  });
  const { body: sent } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect(sent).toMatchObject({ status: 'queued', networkRef: sent.id });
  const grant = {
    grant_type: 'client_credentials',
    client_id: 'api-key-id',
    client_secret: 'secret',
    audience: 'things',
  };
  // KPN's own takes the grant as JSON alone
  expect(kpn.asked.slice(0, 2).map(({ url, body }) => [url, body])).toEqual([
    ['/token', new URLSearchParams(grant).toString()],
    ['/token', grant],
  ]);
  const { url, headers, body } = kpn.asked[2]!;
  expect(url).toBe(`/api/actuator/downlinks?port=85&externalReference=${sent.id}`);
  expect(headers).toMatchObject({
    authorization: 'Bearer jwt',
    accept: 'application/vnd.kpnthings.actuator.v1.response+json',
  });
  expect(body).toEqual([{ bn: `urn:dev:DEVEUI:${EUI.toUpperCase()}:`, n: 'payloadHex', vs: sent.payloadHex }]);
  await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect(kpn.asked.map((one) => one.url.split('?')[0])).toEqual([
    '/token',
    '/token',
    '/api/actuator/downlinks',
    '/api/actuator/downlinks',
  ]);
});

test('what cannot be sent is refused with every fault, and nothing leaves the house', async () => {
  const tts = await network([{ status: 200 }]);
  const world = await sceneWith('things-stack', { url: tts.url, applicationId: 'bins', key: 'k' });
  const refused = async (body: object) => {
    const answer = await call(world, 'POST', '/v1/devices/bin-1/downlinks', body);
    expect(answer.status).toBe(400);
    return (answer.body as unknown as { errors: { field: string; message: string }[] }).errors;
  };
  expect(await refused({ setting: 'colour', parameters: {} })).toMatchObject([
    { field: 'setting', message: expect.stringContaining('report_interval') as string },
  ]);
  expect(await refused({ setting: 'report_interval', parameters: { seconds: 5, hours: 1 } })).toMatchObject([
    { field: 'parameters.hours' },
    { field: 'parameters.seconds', message: 'must be a number from 60 to 64800 s' },
  ]);
  // twelve bytes take 1.5 s of air at SF12: once a minute is more than the hundredth that the law allows
  expect(await refused({ setting: 'report_interval', parameters: { seconds: 60 } })).toMatchObject([
    { field: 'parameters', message: expect.stringMatching(/duty cycle.*at least \d+ s/) as string },
  ]);
  expect(tts.asked).toEqual([]);
});

test('a newer value takes the place of one that has not gone out, here and in the network', async () => {
  const tts = await network([{ status: 200 }]);
  const world = await sceneWith('things-stack', { url: tts.url, applicationId: 'bins', key: 'k' });
  const { body: old } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  await call(world, 'POST', '/v1/devices/bin-1/downlinks', { ...HOUR, parameters: { seconds: 7200 } });
  expect((await call(world, 'GET', `/v1/downlinks/${old.id}`)).body.status).toBe('superseded');
  expect(tts.asked.map(({ url }) => url.split('/').at(-1))).toEqual(['push', 'replace']);
});

test('an own device gets its downlink when it listens, and its PUBACK ends it', async () => {
  const given: { deviceId: string; payload: Uint8Array }[] = [];
  let isListening = false;
  const mqtt: MqttOutlet = {
    publishDownlink(downlink) {
      if (isListening) given.push(downlink);
      return isListening;
    },
    publishToNetwork: () => false,
  };
  const world = await openWorld({ types, mqtt });
  await world.addDevice('own-1', 'milesight-ws201');
  await world.start();
  const { body } = await call(world, 'POST', '/v1/devices/own-1/downlinks', HOUR);
  expect(body).toMatchObject({ status: 'queued' });
  expect(body.history.at(-1)!.detail).toContain('subscribes');
  isListening = true;
  await world.bus.publish('device.listening', { tenant: TENANT, deviceId: 'own-1' });
  await vi.waitFor(async () => expect((await call(world, 'GET', `/v1/downlinks/${body.id}`)).body.status).toBe('sent'));
  expect(JSON.parse(Buffer.from(given[0]!.payload).toString())).toMatchObject({ id: body.id, fPort: 85 });
  await world.bus.publish('downlink.taken', { tenant: TENANT, deviceId: 'own-1' });
  expect((await call(world, 'GET', `/v1/downlinks/${body.id}`)).body.status).toBe('acknowledged');
  expect(given).toHaveLength(1);
});

test('one that waits here can be taken back, one that the network has cannot', async () => {
  const tts = await network([{ status: 200 }]);
  const world = await sceneWith('things-stack', { url: tts.url, applicationId: 'bins', key: 'k' });
  await world.addDevice('own-1', 'milesight-ws201');
  const { body: own } = await call(world, 'POST', '/v1/devices/own-1/downlinks', HOUR);
  expect(await call(world, 'DELETE', `/v1/downlinks/${own.id}`)).toMatchObject({ body: { status: 'cancelled' } });
  const { body: far } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', HOUR);
  expect((await call(world, 'DELETE', `/v1/downlinks/${far.id}`)).status).toBe(400);
  expect(await call(world, 'GET', '/v1/downlinks?status=cancelled')).toMatchObject({
    body: { items: [{ id: own.id }] },
  });
});

test('Sigfox fetches its eight bytes in the answer of a callback that asks for them, once', async () => {
  const dir = await temporaryDir();
  await writeFile(
    join(dir, 'acme-fox.yaml'),
    `id: acme-fox
measurements:
  fill: { from: fill, unit: fraction }
codec: fox.js
settings:
  mode: { description: Mode of operation, fPort: 1, data: { mode: '{mode}' }, parameters: { mode: { min: 0, max: 3, description: mode } } }
`,
  );
  await writeFile(
    join(dir, 'fox.js'),
    'function decodeUplink(i) { return { data: { fill: i.bytes[0] / 100 } }; }\n' +
      'function encodeDownlink(i) { return { fPort: 1, bytes: [i.data.mode, 0, 0, 0, 0, 0, 0, 1] }; }\n',
  );
  const foxes = await openSensorTypes({ dirs: [dir] });
  onTestFinished(() => foxes.close());
  const world = await openWorld({ types: foxes });
  const secretHash = hashSecret('fox');
  await world.registry.integrations.put(TENANT, {
    id: 'fox',
    source: 'sigfox',
    createdAt: world.clock.iso(),
    secretHash,
  });
  await world.addDevice('bin-1', 'acme-fox', { externalIds: { networkId: '1A2345' }, integrationId: 'fox' });
  await world.start();
  const { body: waits } = await call(world, 'POST', '/v1/devices/bin-1/downlinks', {
    setting: 'mode',
    parameters: { mode: 2 },
  });
  expect(waits).toMatchObject({ status: 'queued', payloadHex: '0200000000000001' });
  const callback = async (ack: boolean, seqNumber: number): Promise<unknown> => {
    const answer = await world.http.inject({
      method: 'POST',
      url: '/v1/uplinks/sigfox',
      headers: { authorization: 'Bearer fox', 'content-type': 'application/json' },
      payload: { device: '1A2345', data: '2a', seqNumber, time: 1767592800, ack },
    });
    return answer.statusCode === 204 ? 'no downlink' : answer.json();
  };
  expect(await callback(false, 1)).toEqual({ accepted: 1 });
  expect(await callback(true, 2)).toEqual({ '1A2345': { downlinkData: '0200000000000001' } });
  expect(await callback(true, 3)).toBe('no downlink');
  expect((await call(world, 'GET', `/v1/downlinks/${waits.id}`)).body.status).toBe('sent');
  await world.settled();
  expect((await world.stored()).filter(({ quantity }) => quantity === 'fill').length).toBeGreaterThan(0);
});

test('one that nobody takes for a week is given up', async () => {
  const world = await openWorld({ types });
  await world.addDevice('own-1', 'milesight-ws201');
  await world.start();
  const { body } = await call(world, 'POST', '/v1/devices/own-1/downlinks', HOUR);
  await vi.waitFor(
    async () => {
      world.clock.advance(2 * 86_400_000);
      expect((await call(world, 'GET', `/v1/downlinks/${body.id}`)).body.status).toBe('failed');
    },
    { timeout: 20_000, interval: 300 },
  );
});
