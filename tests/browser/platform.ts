import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { readAll, startPlatform, type Platform } from '@ronde/run';
import { shiftAroundNow } from '../shift-around-now.ts';

/** The real platform with a small city, for tests in a browser. */
export interface TestPlatform {
  url: string;
  token: string;
  platform: Platform;
  /** Calls the API with the admin token; throws when it refuses. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Sends one reading as the bin's own sensor, over MQTT. */
  report(assetId: string, reading: { fill: number; at?: string }): Promise<void>;
  /** Sends one message as a device that was registered through `call`, over MQTT. */
  send(deviceId: string, message: object): Promise<void>;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const STREETS = ['Neude', 'Oudegracht', 'Biltstraat', 'Kanaalstraat', 'Croeselaan', 'Vredenburg'];
export const BIN_COUNT = 12;

/** Starts broker, ingest, routing and API on free ports and an empty folder, without the demo. */
export async function startTestPlatform(): Promise<TestPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-browser-'));
  const token = randomBytes(24).toString('hex');
  const configs = readAll({
    DEMO: 'off',
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    DATA_DIR: dataDir,
    ADMIN_TOKEN: token,
    LOG_LEVEL: 'error',
  });
  if (!configs.ok) throw new Error(JSON.stringify(configs.faults));
  const platform = await startPlatform(configs.value, ['broker', 'ingest', 'routing', 'api']);
  const secrets = new Map<string, string>();
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(platform.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const send: TestPlatform['send'] = async (deviceId, message) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      clientId: deviceId,
      username: deviceId,
      password: secrets.get(deviceId) ?? '',
      reconnectPeriod: 0,
    });
    await client.publishAsync(`v1/default/${deviceId}/up`, JSON.stringify(message), { qos: 1 });
    await client.endAsync();
  };
  return {
    url: platform.url.replace('127.0.0.1', 'localhost'),
    token,
    platform,
    call: async (method, path, body) => {
      const answer = await call(method, path, body);
      const { id, secret } = (answer ?? {}) as { id?: string; secret?: string };
      if (path === '/v1/devices' && id && secret) secrets.set(id, secret);
      return answer;
    },
    report: (assetId, reading) => send(`sensor-${assetId}`, reading),
    send,
    async stop() {
      await platform.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Fills the platform: two areas, twelve bins with sensors and a day of readings, a depot, a site, a crew and its vehicle. */
export async function seedCity(city: TestPlatform): Promise<void> {
  const { call, platform } = city;
  for (const [id, name] of [
    ['oost', 'Oost'],
    ['west', 'West'],
  ] as const)
    await call('POST', '/v1/areas', { id, name });
  await call('POST', '/v1/depots', { id: 'yard', name: 'Werf', position: { lat: 52.1, lon: 5.08 } });
  await call('POST', '/v1/disposal-sites', {
    id: 'tip',
    name: 'Overslag',
    position: { lat: 52.11, lon: 5.06 },
    fractions: ['residual'],
  });
  await call('POST', '/v1/crews', { id: 'crew-1', name: 'Ploeg 1' });
  await call('POST', '/v1/vehicles', {
    id: 'truck-1',
    name: 'Wagen 1',
    depotId: 'yard',
    crewId: 'crew-1',
    fractions: ['residual'],
    liftTypes: ['hand'],
    capacityKg: 3000,
    shifts: [shiftAroundNow()],
  });
  for (let n = 0; n < BIN_COUNT; n += 1) {
    const id = `bin-${n}`;
    await call('POST', '/v1/assets', {
      id,
      kind: 'litter-bin',
      name: `${STREETS[n % STREETS.length]} ${n}`,
      areaId: n % 2 ? 'west' : 'oost',
      liftType: 'hand',
      serviceTimeS: 60,
      geometry: { type: 'Point', coordinates: [5.1 + (n % 4) * 0.008, 52.08 + n * 0.002] },
      chambers: [{ id: '1', fraction: 'residual', volumeL: 120 }],
    });
    await call('POST', '/v1/devices', { id: `sensor-${id}`, typeId: 'plain', assetId: id, chamber: '1' });
  }
  const nowMs = platform.clock.nowMs();
  for (let n = 0; n < BIN_COUNT; n += 1) {
    for (const hoursAgo of [12, 6, 1]) {
      const fill = Math.max(0, fillOf(n) - hoursAgo * 0.01);
      await city.report(`bin-${n}`, { at: new Date(nowMs - hoursAgo * HOUR_MS).toISOString(), fill });
    }
  }
}

/** The last fill of a seeded bin before its last hour: from nearly empty to nearly full. */
export const fillOf = (n: number): number => Math.min(0.97, 0.08 + n * 0.082);
