import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Asset, CrewServerMessage, DeadLetter, Forecast, Page, Plan, Reading, Round } from '@ronde/contracts';
import { cityHistory, createCity } from '@ronde/firmware-sim';
import { cleanSeries, detectEmptyings } from '@ronde/forecast';
import { sharedData } from '../shared-data.ts';
import { shiftAroundNow } from '../shift-around-now.ts';
import { openPlatform, type TestPlatform } from './platform.ts';
import { realMessages, realPayload, type RealMessage } from './real-envelopes.ts';

const WAIT = { timeout: 20_000, interval: 100 };
const HOUR_MS = 3_600_000;
/** EUIs of the captures that the tests register. */
const KNOWN_EUIS = new Set(['70b3d57ba0000bce', '1000000000000001']);

let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(async () => {
  await platform.stop();
});

describe('real messages of network servers over MQTT', () => {
  const messages = realMessages();
  const missing = messages.length === 0;

  test.skipIf(missing)('each becomes readings or a dead letter that says why (needs the public data set)', async () => {
    // the captures are anonymised: one EUI stands for many devices, whose type Ronde may or may not know
    await platform.call('POST', '/v1/devices', {
      id: 'decentlab',
      typeId: 'decentlab-dl-mbx',
      externalIds: { devEui: '70b3d57ba0000bce' },
    });
    await platform.registry.devices.put('default', {
      id: 'of-a-type-since-removed',
      typeId: 'bosch-parking',
      externalIds: { devEui: '1000000000000001' },
      createdAt: new Date().toISOString(),
      secretHash: '0'.repeat(64),
    });
    await publishAll(messages);
    const letters = async (): Promise<DeadLetter[]> =>
      (await platform.call<Page<DeadLetter>>('GET', '/v1/dead-letters?limit=1000')).items;
    await vi.waitFor(async () => {
      const { stored = 0, duplicate = 0, 'dead-letter': dead = 0, ...other } = await uplinkOutcomes();
      expect({ sum: stored + duplicate + dead, other }).toEqual({ sum: messages.length, other: {} });
      expect((await letters()).length).toBe(dead);
      expect(stored).toBeGreaterThan(0);
    }, WAIT);
    // of two captures of one uplink only the first counts; what names no known device is not looked at further
    const expected = [...new Map(messages.map((message) => [fingerprint(message), message])).values()];
    const codes = Object.groupBy(await letters(), ({ code }) => code);
    expect(codes.SENSOR_TYPE_UNKNOWN).toHaveLength(
      expected.filter(({ devEui }) => devEui === '1000000000000001').length,
    );
    expect(codes.DEVICE_UNKNOWN).toHaveLength(expected.filter(({ devEui }) => !KNOWN_EUIS.has(devEui)).length);
    expect(
      (await readingsOf('devices/decentlab')).some(
        ({ quantity, value }) => quantity === 'batteryVoltage' && value! > 2,
      ),
    ).toBe(true);
    expect(codes.ENVELOPE_UNKNOWN ?? []).toEqual([]);
    expect(codes.PAYLOAD_MALFORMED ?? []).toEqual([]);
    for (const { reason, remedy } of await letters())
      expect([reason, remedy].every((text) => text.length > 10)).toBe(true);
  });

  const payload = realPayload('dl-mbx-codec');
  test.skipIf(missing || !payload)(
    "a real fill sensor's bytes in real envelopes become a distance and a fill (needs the public data set)",
    async () => {
      await platform.call('POST', '/v1/assets', {
        id: 'real-bin',
        kind: 'underground-container',
        name: 'Real bin',
        geometry: { type: 'Point', coordinates: [5.1, 52.1] },
      });
      const mounting = { emptyDistanceM: 2, fullDistanceM: 0.4 };
      await platform.call('POST', '/v1/devices', {
        id: 'real-mbx',
        typeId: 'decentlab-dl-mbx',
        assetId: 'real-bin',
        chamber: '1',
        mounting,
        externalIds: { devEui: '70b3d57ba000abcd' },
      });
      const things = messages.find(({ source }) => source === 'things-stack')!;
      const chirp = messages.find(({ source, body }) => source === 'chirpstack' && body['deviceInfo'])!;
      await publishAll([
        withPayload(things, '70b3d57ba000abcd', payload!),
        withPayload(chirp, '70b3d57ba000abcd', payload!),
      ]);
      const distanceM = payload!.expected['distance']!.value / 1000;
      await vi.waitFor(async () => {
        const readings = await readingsOf('devices/real-mbx');
        expect(readings.filter(({ quantity, value }) => quantity === 'distance' && value === distanceM)).toHaveLength(
          2,
        );
        const fills = readings.filter(({ quantity }) => quantity === 'fill').map(({ value }) => value);
        expect(fills).toEqual([expect.closeTo((2 - distanceM) / 1.6, 6), expect.closeTo((2 - distanceM) / 1.6, 6)]);
      }, WAIT);
    },
  );
});

describe('from a fill series to a round on a tablet', () => {
  const prague = sharedData('fill/prague/measurements.csv');
  const folder = mkdtempSync(join(tmpdir(), 'ronde-series-'));
  const asset = prague ? '1354_1' : 'or-001';
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test(`ronde sim --from-csv replays ${prague ? 'the Prague series' : 'a generated series (the Prague one is not here)'} with every row acknowledged and stored`, async () => {
    const before = (await platform.readings.stats()).readings;
    const file = prague ?? generatedSeries(join(folder, 'series.csv'));
    const summary = await rondeSim(['--from-csv', file]);
    expect(summary.published).toBeGreaterThan(1_000);
    expect(summary.acked).toBe(summary.published);
    expect(Date.parse(summary.lastAt)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(summary.lastAt)).toBeGreaterThan(Date.now() - 7 * 24 * HOUR_MS);
    await vi.waitFor(async () => expect((await platform.readings.stats()).readings - before).toBe(summary.published), {
      ...WAIT,
      timeout: 60_000,
    });
  }, 180_000);

  test('its history shows emptyings, and forecasts have ordered bands', async () => {
    const from = new Date(Date.now() - 60 * 24 * HOUR_MS).toISOString();
    const history = await readingsOf(`assets/${asset}`, `quantity=fill&from=${from}`);
    const clean = cleanSeries(
      history.map(({ at, value, quality }) => ({ atMs: Date.parse(at), fill: value!, quality })),
    );
    expect(detectEmptyings(clean).length).toBeGreaterThan(0);
    await vi.waitFor(async () => {
      const forecast = await platform.call<Forecast>('GET', `/v1/assets/${asset}/forecast`);
      expect(forecast.points.length).toBeGreaterThan(24);
      for (const { p05, p50, p95 } of forecast.points) expect(p05 <= p50 && p50 <= p95).toBe(true);
    }, WAIT);
  });

  test("a plan puts a round on the crew's tablet, and what the crew empties is empty", async () => {
    await addFleet();
    const token = (await platform.call<{ token: string }>('POST', '/v1/tokens', { role: 'crew', crewId: 'crew-1' }))
      .token;
    const tablet = await openTablet(platform.url, token);
    const plan = await platform.call<Plan>('POST', '/v1/plans', {
      from: new Date().toISOString(),
      to: new Date(Date.now() + 8 * HOUR_MS).toISOString(),
    });
    const round = await tablet.round();
    const stop = round.stops.find(({ kind }) => kind === 'asset')!;
    expect(round).toMatchObject({ vehicleId: 'truck-1', crewId: 'crew-1', status: 'published' });
    expect(stop.reason.length).toBeGreaterThan(5);
    await vi.waitFor(
      async () => expect((await platform.call<Plan>('GET', `/v1/plans/${plan.id}`)).status).toBe('done'),
      WAIT,
    );
    const assetId = stop.assetIds[0]!;
    const event = {
      type: 'event',
      id: crypto.randomUUID(),
      roundId: round.id,
      roundVersion: round.version,
      stopId: stop.id,
      assetId,
      kind: 'emptied',
      deviceAt: new Date().toISOString(),
      offSiteM: 12,
    };
    tablet.send({ type: 'ack', roundId: round.id, version: round.version });
    tablet.send(event);
    expect(await tablet.ack(event.id)).toMatchObject({ status: 'stored' });
    await vi.waitFor(
      async () => expect((await platform.call<Asset>('GET', `/v1/assets/${assetId}`)).state.fill).toBe(0),
      WAIT,
    );
    tablet.send(event);
    await vi.waitFor(() => expect(tablet.acks(event.id)).toEqual(['stored', 'duplicate']), WAIT);
    tablet.close();
  });
});

async function addFleet(): Promise<void> {
  await platform.call('POST', '/v1/depots', { id: 'depot-1', name: 'Depot', position: { lat: 52.08, lon: 5.1 } });
  await platform.call('POST', '/v1/disposal-sites', {
    id: 'site-1',
    name: 'Tip',
    position: { lat: 52.1, lon: 5.15 },
    fractions: ['residual', 'litter', 'paper', 'glass', 'plastic'],
  });
  await platform.call('POST', '/v1/crews', { id: 'crew-1', name: 'Crew 1' });
  await platform.call('POST', '/v1/vehicles', {
    id: 'truck-1',
    name: 'Truck 1',
    depotId: 'depot-1',
    crewId: 'crew-1',
    fractions: ['residual', 'paper', 'glass', 'plastic', 'litter'],
    liftTypes: ['hand', 'rear-loader', 'two-hook', 'one-hook'],
    capacityKg: 9_000,
    shifts: [shiftAroundNow()],
  });
}

async function publishAll(messages: RealMessage[]): Promise<void> {
  for (const source of ['things-stack', 'chirpstack'] as const) {
    const id = `e2e-${source}`;
    const secret = await integrationSecret(id, source);
    const client = await mqtt.connectAsync(platform.mqttUrl, {
      clientId: `client-${source}`,
      username: `integration:${id}`,
      password: secret,
    });
    for (const { topic, body } of messages.filter((message) => message.source === source)) {
      await client.publishAsync(topic, JSON.stringify(body), { qos: 1 });
    }
    await client.endAsync();
  }
}

const secrets = new Map<string, string>();
async function integrationSecret(id: string, source: string): Promise<string> {
  const known =
    secrets.get(id) ?? (await platform.call<{ secret: string }>('POST', '/v1/integrations', { id, source })).secret;
  secrets.set(id, known);
  return known;
}

/** What became of every uplink so far, from the platform's own metrics. */
async function uplinkOutcomes(): Promise<Record<string, number>> {
  const text = await (
    await fetch(new URL('/metrics', platform.url), {
      headers: { authorization: `Bearer ${platform.adminToken.token}` },
    })
  ).text();
  const lines = text.matchAll(/^\w*ingest_uplinks_total\{outcome="([\w-]+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, outcome, count]) => [outcome!, Number(count)]));
}

/** What makes two captures the same uplink: they were published twice in the collection. */
function fingerprint({ source, devEui, body }: RealMessage): string {
  const ids = body['end_device_ids'] as { dev_addr?: string } | undefined;
  const up = (body['uplink_message'] ?? body) as Record<string, unknown>;
  const session = up['session_key_id'] ?? ids?.dev_addr ?? body['devAddr'] ?? '';
  const key = [source, devEui, session, up['f_cnt'] ?? up['fCnt'] ?? 0, up['frm_payload'] ?? up['data'] ?? ''];
  return JSON.stringify(KNOWN_EUIS.has(devEui) ? key : [...key, crypto.randomUUID()]);
}

function withPayload(
  message: RealMessage,
  devEui: string,
  { fPort, bytes }: { fPort: number; bytes: Buffer },
): RealMessage {
  const body = structuredClone(message.body);
  const data = bytes.toString('base64');
  if (message.source === 'things-stack') {
    Object.assign(body['end_device_ids'] as object, { dev_eui: devEui.toUpperCase() });
    Object.assign(body['uplink_message'] as object, { f_port: fPort, frm_payload: data });
  } else {
    Object.assign(body['deviceInfo'] as object, { devEui });
    Object.assign(body, { fPort, data });
  }
  return { ...message, body, devEui };
}

async function readingsOf(subject: string, query = ''): Promise<Reading[]> {
  const items: Reading[] = [];
  let cursor: string | undefined;
  do {
    const params = `limit=1000&${query || 'from=2000-01-01T00:00:00Z'}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page = await platform.call<Page<Reading>>('GET', `/v1/${subject}/readings?${params}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

/** Runs the command as a user does. */
async function rondeSim(args: string[]): Promise<{ published: number; acked: number; lastAt: string }> {
  const main = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
  const where = ['--mqtt', platform.mqttUrl, '--api', platform.url, '--token', platform.adminToken.token, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'sim', ...args, ...where]);
  return JSON.parse(stdout) as { published: number; acked: number; lastAt: string };
}

/** Eleven bins of the generated city over two months, in the shape of the Prague file. */
function generatedSeries(file: string): string {
  const city = createCity({ seed: 3 });
  const wanted = new Set(city.assets.filter(({ id }) => /^or-0(0[1-9]|1[01])$/.test(id)).map(({ id }) => id));
  const few = {
    ...city,
    demand: city.demand.filter(({ assetId }) => wanted.has(assetId)),
    devices: city.devices.filter(({ assetId }) => wanted.has(assetId!)),
  };
  const lines = ['container_id,time,percent'];
  const seen = new Set<string>();
  for (const batch of cityHistory(few, { fromMs: Date.UTC(2026, 0, 5), toMs: Date.UTC(2026, 2, 9) })) {
    for (const { assetId, at, quantity, value, quality } of batch) {
      if (quantity !== 'fill' || value === null || quality === 'invalid' || seen.has(`${assetId} ${at}`)) continue;
      seen.add(`${assetId} ${at}`);
      lines.push(`${assetId},${at},${(value * 100).toFixed(1)}`);
    }
  }
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function openTablet(url: string, token: string) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/crew`);
  const messages: CrewServerMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as CrewServerMessage));
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'auth', token }));
  const of = <T extends CrewServerMessage['type']>(type: T) =>
    messages.filter((message): message is Extract<CrewServerMessage, { type: T }> => message.type === type);
  await vi.waitFor(() => expect(of('hello')).toHaveLength(1), WAIT);
  send({ type: 'sub' });
  await vi.waitFor(() => expect(of('snap')).toHaveLength(1), WAIT);
  const acks = (id: string): string[] =>
    of('eventAck')
      .filter((ack) => ack.id === id)
      .map(({ status }) => status);
  return {
    send,
    acks,
    round: async (): Promise<Round> => {
      const rounds = () => [...of('snap').flatMap((snap) => snap.rounds), ...of('round').map(({ round }) => round)];
      await vi.waitFor(() => expect(rounds().length).toBeGreaterThan(0), WAIT);
      return rounds()[0]!;
    },
    ack: async (id: string) => {
      await vi.waitFor(() => expect(acks(id)).toHaveLength(1), WAIT);
      return of('eventAck').find((ack) => ack.id === id);
    },
    close: () => socket.close(),
  };
}
