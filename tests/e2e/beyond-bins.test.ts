import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DeadLetter, Page, Reading } from '@ronde/contracts';
import { openPlatform, type TestPlatform } from './platform.ts';

const WAIT = { timeout: 20_000, interval: 100 };
const DEV_EUI = '0004a30b001c0530';
const HOUR_MS = 3_600_000;
const [TWO_HOURS_AGO, ONE_HOUR_AGO] = [2, 1].map((hours) => new Date(Date.now() - hours * HOUR_MS).toISOString());

let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(async () => {
  await platform.stop();
});

test('a parking sensor behind The Things Stack tells whether its space is taken', async () => {
  await place('space-7', 'parking-space', 'bosch-tps110', { devEui: DEV_EUI });
  const { secret } = await platform.call<{ secret: string }>('POST', '/v1/integrations', {
    id: 'city-tts',
    source: 'things-stack',
  });
  const server = await connect('integration:city-tts', secret);
  await server.publishAsync('v3/parking@city/devices/space-7/up', thingsStackUplink('Af8='), { qos: 1 });
  await server.endAsync();

  expect(await readingsOf('space-7', 4)).toEqual({
    occupancy: [1, '1', 'ok'],
    temperature: [-1, 'Cel', 'ok'],
    rssi: [-97, 'dB[mW]', 'ok'],
    snr: [6.5, 'dB', 'ok'],
  });
});

test('a bathing spot tells its level, temperature and conductivity, and a dead probe tells no values', async () => {
  const at = new Date(Date.now() - 60_000).toISOString();
  const secret = await place('quay', 'bathing-spot', 'decentlab-dl-ctd10');
  await publish('quay', secret, [
    { at, fPort: 1, data: base64('0207d9000390888081006400000c60') },
    { fPort: 1, data: base64('0207d9000100000000ffff0000') },
  ]);

  expect(await readingsOf('quay', 4, at)).toEqual({
    waterLevel: [4.232, 'm', 'ok'],
    waterTemperature: [12.9, 'Cel', 'ok'],
    waterConductivity: [100, 'uS/cm', 'ok'],
    batteryVoltage: [3.168, 'V', 'ok'],
  });
  await vi.waitFor(async () => {
    const later = (await allReadings('quay')).filter((reading) => reading.at !== at);
    expect(Object.fromEntries(later.map(({ quantity, quality }) => [quantity, quality]))).toEqual({
      waterLevel: 'invalid',
      waterTemperature: 'invalid',
      waterConductivity: 'invalid',
    });
  }, WAIT);
});

test('a litter camera tells counts by class, and a message with a picture becomes no reading', async () => {
  const secret = await place('market-street', 'street-section', 'ronde-litter-camera');
  const counts = { 'cigarette-butt': 12, can: 1, plastic: 4 };
  await publish('market-street', secret, [
    { at: TWO_HOURS_AGO, fPort: 1, data: base64Text({ v: 1, counts, seen: 0.9 }) },
    { at: ONE_HOUR_AGO, fPort: 1, data: base64Text({ v: 1, counts, image: '/9j/4AAQSkZJRg==' }) },
  ]);

  await vi.waitFor(async () => {
    const letters = await platform.call<Page<DeadLetter>>('GET', '/v1/dead-letters');
    expect(letters.items.map(({ deviceId, code }) => [deviceId, code])).toEqual([['market-street', 'CODEC_FAULT']]);
    expect(letters.items[0]?.reason).toContain('other field(s) refused');
  }, WAIT);
  const readings = await allReadings('market-street');
  expect(readings.map(({ at, assetId, chamber, value }) => [at, assetId, chamber, value])).toEqual(
    expect.arrayContaining([
      [TWO_HOURS_AGO, 'market-street', undefined, 17],
      [TWO_HOURS_AGO, 'market-street', 'cigarette-butt', 12],
      [TWO_HOURS_AGO, 'market-street', 'can', 1],
      [TWO_HOURS_AGO, 'market-street', 'plastic', 4],
    ]),
  );
  expect(readings).toHaveLength(4);
});

/** Registers an asset and the device on it under one id; gives the device's secret. */
async function place(id: string, kind: string, typeId: string, externalIds = {}): Promise<string> {
  const geometry = { type: 'Point', coordinates: [5.12, 52.09] };
  await platform.call('POST', '/v1/assets', { id, kind, name: id, geometry });
  const device = { id, typeId, assetId: id, externalIds };
  return (await platform.call<{ secret: string }>('POST', '/v1/devices', device)).secret;
}

async function publish(deviceId: string, secret: string, messages: object[]): Promise<void> {
  const device = await connect(deviceId, secret);
  for (const message of messages)
    await device.publishAsync(`v1/default/${deviceId}/up`, JSON.stringify(message), { qos: 1 });
  await device.endAsync();
}

function connect(username: string, password: string): Promise<mqtt.MqttClient> {
  return mqtt.connectAsync(platform.mqttUrl, { clientId: username.replace(':', '-'), username, password });
}

/** Waits until a device has so many readings (at one time, if given) and gives them by quantity. */
async function readingsOf(deviceId: string, count: number, at?: string): Promise<Record<string, unknown>> {
  return vi.waitFor(async () => {
    const readings = (await allReadings(deviceId)).filter((reading) => at === undefined || reading.at === at);
    expect(readings).toHaveLength(count);
    return Object.fromEntries(readings.map(({ quantity, value, unit, quality }) => [quantity, [value, unit, quality]]));
  }, WAIT);
}

async function allReadings(deviceId: string): Promise<Reading[]> {
  const path = `/v1/devices/${deviceId}/readings?from=2026-01-01T00:00:00Z&limit=1000`;
  return (await platform.call<Page<Reading>>('GET', path)).items;
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

function base64Text(message: object): string {
  return Buffer.from(JSON.stringify(message)).toString('base64');
}

/** What The Things Stack publishes for an uplink of the parking sensor on port 2. */
function thingsStackUplink(payload: string): string {
  const gateway = { gateway_ids: { gateway_id: 'roof' }, rssi: -97, snr: 6.5 };
  return JSON.stringify({
    end_device_ids: {
      device_id: 'space-7',
      dev_eui: DEV_EUI.toUpperCase(),
      application_ids: { application_id: 'parking' },
    },
    received_at: new Date().toISOString(),
    uplink_message: {
      session_key_id: 'AYfg8rhha5n=',
      f_port: 2,
      f_cnt: 41,
      frm_payload: payload,
      rx_metadata: [gateway],
    },
  });
}
