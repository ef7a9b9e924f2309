import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DeadLetter, Page, Reading } from '@ronde/contracts';
import { caughtUp, connectDevice, readingsOf } from './load.ts';
import { startRonde, type RondeProcess } from './platform-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'ronde-bad-input-'));
const EUI = 'a84041000181c061';
const GONE_EUI = 'a84041000181c062';
let running: RondeProcess;
let device: MqttClient;
let network: MqttClient;
let webhook: (body: string) => Promise<number>;

/** A sensor type of somebody's own, in a folder that will be gone at the second start. */
function writeOwnType(): string {
  const plain = fileURLToPath(new URL('../../packages/sensor-types/types/plain', import.meta.url));
  const folder = join(dir, 'types', 'acme-gone');
  cpSync(plain, folder, { recursive: true });
  const manifest = join(folder, 'sensor.yaml');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('id: plain', 'id: acme-gone'));
  return join(dir, 'types');
}

beforeAll(async () => {
  const dataDir = join(dir, 'data');
  const first = await startRonde({ dataDir, env: { SENSOR_TYPES_DIR: writeOwnType() } });
  const add = (body: object) => first.call<{ id: string; secret: string }>('POST', '/v1/devices', body);
  const secrets = await add({ id: 'bin-1', typeId: 'plain' });
  await add({ id: 'lora-1', typeId: 'milesight-em400-tld', externalIds: { devEui: EUI } });
  await add({ id: 'gone-1', typeId: 'acme-gone', externalIds: { devEui: GONE_EUI } });
  const integration = await first.call<{ secret: string }>('POST', '/v1/integrations', {
    id: 'tts',
    source: 'things-stack',
  });
  await first.stop();
  running = await startRonde({ dataDir });
  device = await connectDevice(running.mqttPort, secrets);
  network = await connectAsync(
    `mqtt://127.0.0.1:${running.mqttPort}`,
    { username: 'integration:tts', password: integration.secret, reconnectPeriod: 0 },
    false,
  );
  webhook = async (body) => {
    const headers = { authorization: `Bearer ${integration.secret}`, 'content-type': 'application/json' };
    const response = await fetch(`${running.url}/v1/uplinks/things-stack`, { method: 'POST', headers, body });
    return response.status;
  };
});
afterAll(async () => {
  await device?.endAsync();
  await network?.endAsync();
  await running?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const envelope = (devEui: string, over: object = {}): string =>
  JSON.stringify({
    end_device_ids: { device_id: `eui-${devEui}`, dev_eui: devEui.toUpperCase() },
    received_at: new Date().toISOString(),
    uplink_message: {
      session_key_id: 'AY',
      f_port: 85,
      f_cnt: 1,
      frm_payload: 'AXVk',
      received_at: new Date().toISOString(),
      ...over,
    },
  });
/** What ChirpStack sends, through the door of The Things Stack. */
const FOREIGN = JSON.stringify({
  deduplicationId: 'b',
  time: new Date().toISOString(),
  deviceInfo: { devEui: EUI },
  fCnt: 1,
  fPort: 85,
  data: 'AXVk',
});
const own = (payload: string | Buffer) => () => device.publishAsync('v1/default/bin-1/up', payload, { qos: 1 });
const viaNetwork = (payload: string) => () => network.publishAsync(`v3/app@city/devices/x/up`, payload, { qos: 1 });
const viaWebhook = (payload: string) => async () => expect(await webhook(payload)).toBe(200);

const LETTERS: [what: string, code: string, send: () => Promise<unknown>][] = [
  ['text that is not JSON, from an own device', 'PAYLOAD_MALFORMED', own('not json')],
  ['bytes that are not text, from an own device', 'PAYLOAD_MALFORMED', own(Buffer.from([0xff, 0xfe, 0x00]))],
  ['JSON without a known value, from an own device', 'PAYLOAD_MALFORMED', own('{"colour":"green"}')],
  ['bytes for a type that reads none', 'CODEC_FAULT', own('{"fPort":1,"data":"AQI="}')],
  ['JSON that is no uplink, from a network server', 'PAYLOAD_MALFORMED', viaNetwork('{"hello":"world"}')],
  ["another network server's message, over MQTT", 'ENVELOPE_UNKNOWN', viaNetwork(FOREIGN)],
  ["another network server's message, by webhook", 'ENVELOPE_UNKNOWN', viaWebhook(FOREIGN)],
  ['a body that is not JSON, by webhook', 'PAYLOAD_MALFORMED', viaWebhook('<xml/>')],
  ['base64 that is none', 'PAYLOAD_MALFORMED', viaNetwork(envelope(EUI, { frm_payload: '***' }))],
  ['a devEUI that nobody registered, over MQTT', 'DEVICE_UNKNOWN', viaNetwork(envelope('ffffffffffffffff'))],
  ['a devEUI that nobody registered, by webhook', 'DEVICE_UNKNOWN', viaWebhook(envelope('fffffffffffffffe'))],
  ['a device whose sensor type is gone', 'SENSOR_TYPE_UNKNOWN', viaNetwork(envelope(GONE_EUI))],
  // 04 82 01: a distance cut in the middle
  ['bytes that the codec refuses', 'CODEC_FAULT', viaNetwork(envelope(EUI, { frm_payload: 'BIIB', f_cnt: 2 }))],
];

test.each(LETTERS)(
  '%s is acknowledged and ends as a dead letter %s with a reason, a remedy and its bytes',
  async (_what, code, send) => {
    const before = new Set((await letters()).map(({ id }) => id));
    await send();
    const letter = await vi.waitFor(async () => {
      const fresh = (await letters()).filter(({ id }) => !before.has(id));
      expect(fresh).toHaveLength(1);
      return fresh[0]!;
    }, 60_000);
    expect(letter).toMatchObject({ code, status: 'open' });
    expect(letter.reason.length).toBeGreaterThan(10);
    expect(letter.remedy.length).toBeGreaterThan(10);
    expect(letter.rawBase64.length).toBeGreaterThan(0);
    expect(await running.call('GET', `/v1/dead-letters/${letter.id}`)).toEqual(letter);
  },
);

const letters = async (): Promise<DeadLetter[]> =>
  (await running.call<Page<DeadLetter>>('GET', '/v1/dead-letters?limit=1000')).items;

const READINGS: [what: string, payload: string, expected: Partial<Reading>][] = [
  ['a fill of 255 %', '{"fill":2.55}', { quantity: 'fill', value: 2.55, quality: 'invalid', flags: ['OUT_OF_RANGE'] }],
  [
    '1e308 degrees',
    '{"temperature":1e308}',
    { quantity: 'temperature', value: 1e308, quality: 'invalid', flags: ['OUT_OF_RANGE'] },
  ],
  ['a negative mass', '{"mass":-3}', { quantity: 'mass', value: -3, quality: 'invalid', flags: ['OUT_OF_RANGE'] }],
  [
    'a clock of 1970',
    '{"at":"1970-01-01T00:00:10Z","humidity":0.41}',
    { quantity: 'humidity', value: 0.41, quality: 'suspect', flags: ['CLOCK_IMPLAUSIBLE'] },
  ],
  [
    'a clock of 2099',
    '{"at":"2099-01-01T00:00:00Z","humidity":0.42}',
    { quantity: 'humidity', value: 0.42, quality: 'suspect', flags: ['CLOCK_IMPLAUSIBLE'] },
  ],
];

test.each(READINGS)('%s is kept as a reading that says what is wrong with it', async (_what, payload, expected) => {
  const sentMs = Date.now();
  await device.publishAsync('v1/default/bin-1/up', payload, { qos: 1 });
  await caughtUp(running);
  const found = await readingsOf(running, 'bin-1', expected.quantity!);
  expect(found).toContainEqual(expect.objectContaining(expected));
  const reading = found.find(({ value }) => value === expected.value)!;
  // nothing stands in 1970 or 2099: the series goes on at the time of receipt
  expect(Math.abs(Date.parse(reading.at) - sentMs)).toBeLessThan(60_000);
});
