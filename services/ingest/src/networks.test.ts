import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BusEvents, Frame, Source } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { NOW, openWorld, temporaryDir, type World } from './fixtures.ts';
import { CHIRPSTACK, SPARKPLUG } from './sources/protobuf-vectors.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

const EUI = '0101010101010101';
const REPORT = Buffer.from('0367100104824408050000', 'hex');
const base64 = REPORT.toString('base64');
const iso = new Date(NOW).toISOString();
const bytes = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
const from = (source: Source, topic = `webhook/${source}`): Partial<Frame> => ({
  source,
  topic,
  origin: { kind: 'integration', id: source },
});

async function started(dir?: string) {
  const world = await openWorld({ types, ...(dir !== undefined && { dir }) });
  const told: BusEvents['network.told']['items'] = [];
  world.bus.on('network.told', ({ items }) => void told.push(...items));
  await world.start();
  return { ...world, told };
}
async function withLaser(dir?: string) {
  const world = await started(dir);
  await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
  return world;
}
const outcomes = (world: Pick<World, 'traces'>): string[] => world.traces.map(({ outcome }) => outcome);

const tts = (f_cnt: number, session_key_id = 's1') => ({
  end_device_ids: { device_id: 'd', dev_eui: EUI },
  received_at: iso,
  uplink_message: { session_key_id, f_port: 85, f_cnt, frm_payload: base64, received_at: iso },
});
const chirpstack = (fCnt: number) => ({
  deduplicationId: 'a',
  time: iso,
  deviceInfo: { devEui: EUI },
  devAddr: '00189440',
  fCnt,
  fPort: 85,
  data: base64,
  rxInfo: [{ gatewayId: '0016c001f153a14c', rssi: -36, snr: 10.5 }],
});
const chirpstack3 = (fCnt: number, atMs = NOW) => ({
  applicationID: '1',
  devEUI: EUI,
  fCnt,
  fPort: 85,
  data: base64,
  rxInfo: [{ gatewayID: 'AwMDAwMDAwM=', time: new Date(atMs).toISOString(), rssi: -48, loRaSNR: 9 }],
});
const thingpark = (FCntUp: number) => ({
  DevEUI_uplink: {
    Time: iso,
    DevEUI: EUI,
    DevAddr: '00FDA112',
    FPort: 85,
    FCntUp,
    payload_hex: REPORT.toString('hex'),
  },
});
const loriot = (cmd: 'rx' | 'gw', fcnt: number) => ({
  cmd,
  EUI,
  // each of the two is stamped when it is made
  ts: NOW + (cmd === 'gw' ? 40 : 0),
  fcnt,
  port: 85,
  data: REPORT.toString('hex'),
  ...(cmd === 'rx' ? { rssi: -38, snr: 8 } : { gws: [{ gweui: '1020304080706050', rssi: -38, snr: 8 }] }),
});
const helium = (fcnt: number) => ({
  app_eui: EUI,
  dev_eui: EUI,
  devaddr: 'B5A44869',
  fcnt,
  port: 85,
  payload: base64,
  reported_at: NOW,
  hotspots: [],
});
const kpn = (fCnt: number) => [
  { bn: `urn:dev:DEVEUI:${EUI}:`, bt: NOW / 1000, n: 'payload', vs: REPORT.toString('hex') },
  { n: 'port', v: 85 },
  { n: 'FCntUp', v: fCnt },
];

test.each<[string, Source, unknown, unknown]>([
  ['The Things Stack by MQTT and by webhook', 'things-stack', tts(7), { ...tts(7), correlation_ids: ['as:up:02'] }],
  ['ChirpStack by MQTT and by webhook', 'chirpstack', chirpstack(7), { ...chirpstack(7), deduplicationId: 'b' }],
  ['ChirpStack v3 with another gateway first', 'chirpstack', chirpstack3(7), chirpstack3(7, NOW + 900)],
  ['ThingPark that tries again', 'thingpark', thingpark(7), thingpark(7)],
  ['LORIOT "rx", then "gw"', 'loriot', loriot('rx', 7), loriot('gw', 7)],
  ['LORIOT "gw", then "rx"', 'loriot', loriot('gw', 7), loriot('rx', 7)],
  ['Helium to two integrations', 'helium', helium(7), { ...helium(7), hotspots: [{ name: 'x', rssi: -50 }] }],
  ['KPN Things that tries again', 'kpn', kpn(7), kpn(7)],
])('two copies of one uplink are one, and the next counter is another: %s', async (_title, source, one, other) => {
  const world = await withLaser();
  await world.send(one, from(source));
  await world.send(other, from(source, source === 'chirpstack' ? `application/1/device/${EUI}/event/up` : undefined));
  const text = JSON.stringify(one);
  await world.send(
    text.replace(/"(f_?cnt(up)?|FCntUp)":7/i, '"$1":8').replace('"FCntUp","v":7', '"FCntUp","v":8'),
    from(source),
  );
  await world.settled();
  expect(outcomes(world).sort()).toEqual(['duplicate', 'stored', 'stored']);
});

test('protobuf and JSON of one ChirpStack uplink are one', async () => {
  const world = await withLaser();
  world.clock.set(Date.UTC(2022, 6, 18, 9, 35));
  const topic = `application/1/device/${EUI}/event/up`;
  await world.send(bytes(CHIRPSTACK.up), from('chirpstack', topic));
  const json = {
    time: '2022-07-18T09:34:15.775Z',
    deviceInfo: { devEui: EUI },
    devAddr: '00189440',
    fCnt: 70_000,
    fPort: 1,
    data: 'qg==',
  };
  await world.send(json, from('chirpstack'));
  await world.settled();
  // one byte on port 1 is nothing to this sensor: refused once, and not a second time
  expect(outcomes(world).sort()).toEqual(['dead-letter', 'duplicate']);
});

test('Sigfox tells of one message twice, at once and with its position half a minute later', async () => {
  const world = await started();
  await world.addDevice('bin-1', 'milesight-em400-tld', { externalIds: { networkId: '1A2345' } });
  const data = { device: '1A2345', time: NOW / 1000, data: REPORT.toString('hex').slice(0, 22), seqNumber: 4095 };
  await world.send(data, from('sigfox'));
  const computedLocation = { lat: 52.1, lng: 5.1, radius: 2000, status: 1 };
  await world.send({ ...data, computedLocation, lqi: 'Good' }, from('sigfox'));
  await world.send({ ...data, seqNumber: 0 }, from('sigfox'));
  await world.settled();
  expect(outcomes(world)).toHaveLength(3);
  expect(outcomes(world).filter((outcome) => outcome === 'duplicate')).toHaveLength(1);
  expect(world.told).toMatchObject([{ deviceId: 'bin-1', event: { kind: 'location', lat: 52.1 } }]);
});

test('after a join a lower counter with the same payload is a new uplink, also where no session is given', async () => {
  const world = await withLaser();
  const topic = `application/1/device/${EUI}/event`;
  await world.send(chirpstack3(5), from('chirpstack'));
  await world.send({ applicationID: '1', devEUI: EUI, devAddr: 'AFE5Qg==' }, from('chirpstack', `${topic}/join`));
  await world.send(chirpstack3(5, NOW + 60_000), from('chirpstack'));
  await world.send(chirpstack3(5, NOW + 60_000), from('chirpstack'));
  await world.settled();
  expect(outcomes(world)).toEqual(expect.arrayContaining(['stored', 'event', 'stored', 'duplicate']));
  expect(world.told).toMatchObject([{ deviceId: 'laser', event: { kind: 'join', session: 'AFE5Qg==' } }]);
});

test('a reset under the same address starts the counter anew, and a restart does not forget it', async () => {
  const dir = await temporaryDir();
  const first = await withLaser(dir);
  await first.send(thingpark(5), from('thingpark'));
  const note = (Time: string) => ({ DevEUI_notification: { Time, DevEUI: EUI, DevAddr: '00FDA112', Type: 'reset' } });
  await first.send(note('2026-01-05T06:00:00Z'), from('thingpark'));
  await first.settled();
  await first.close();
  const second = await started(dir);
  for (let copy = 0; copy < 2; copy += 1) await second.send(thingpark(5), from('thingpark'));
  await second.settled();
  expect(outcomes(second).sort()).toEqual(['duplicate', 'stored']);
});

test('without a session a device that restarts unseen is silenced for minutes, not for a day', async () => {
  const world = await withLaser();
  await world.send(loriot('rx', 1), from('loriot'));
  world.clock.advance(3_600_000);
  await world.send({ ...loriot('rx', 1), ts: NOW + 3_600_000 }, from('loriot'));
  await world.settled();
  expect(outcomes(world)).toEqual(['stored', 'stored']);
});

test('a webhook retried hours later is still the same uplink', async () => {
  const world = await withLaser();
  await world.send(loriot('rx', 1), from('loriot'));
  world.clock.advance(5 * 3_600_000);
  await world.send(loriot('rx', 1), from('loriot'));
  await world.settled();
  expect(outcomes(world).sort()).toEqual(['duplicate', 'stored']);
});

test('a status becomes a battery reading and an event; an unknown device leaves a trace and no dead letter', async () => {
  const world = await withLaser();
  const status = { time: iso, deviceInfo: { devEui: EUI }, margin: 10, batteryLevel: 88.3 };
  await world.send(status, from('chirpstack'));
  await world.send({ ...status, deviceInfo: { devEui: 'ffffffffffffffff' } }, from('chirpstack'));
  await world.settled();
  expect(await world.stored('laser')).toMatchObject([{ quantity: 'battery', value: 0.883, at: iso, quality: 'ok' }]);
  expect(world.told).toMatchObject([
    { deviceId: 'laser', receivedAtMs: NOW, event: { kind: 'status', battery: 0.883, marginDb: 10 } },
  ]);
  expect(world.traces).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ outcome: 'event', deviceId: 'laser' }),
      expect.objectContaining({ outcome: 'ignored', code: 'DEVICE_UNKNOWN' }),
    ]),
  );
  expect(await world.letters()).toEqual([]);
});

test("the network's word about the battery gives way to the device's own", async () => {
  const world = await withLaser();
  const own = Buffer.from('01755a03671001', 'hex').toString('hex');
  await world.send({ ...loriot('rx', 1), bat: 127 }, from('loriot'));
  await world.send({ ...loriot('rx', 2), data: own, bat: 127, ts: NOW + 1000 }, from('loriot'));
  await world.settled();
  const batteries = (await world.stored('laser')).filter(({ quantity }) => quantity === 'battery');
  expect(batteries.map(({ value }) => value)).toEqual([0.498, 0.9]);
});

const spb = (type: string, device = ''): Partial<Frame> =>
  from('sparkplug', `spBv1.0/city/${type}/edge 1${device && `/${device}`}`);

test('Sparkplug: what a birth said is known after a restart, and data before a birth is mended by the next one', async () => {
  const dir = await temporaryDir();
  const first = await started(dir);
  first.clock.set(Date.UTC(2023, 10, 14, 22, 20));
  await first.addDevice('bin-1');
  await first.send(bytes(SPARKPLUG.ddata), spb('DDATA', 'bin-1'));
  await first.send(bytes(SPARKPLUG.nbirth), spb('NBIRTH'));
  await first.send(bytes(SPARKPLUG.dbirth), spb('DBIRTH', 'bin-1'));
  await first.settled();
  const early = (await first.letters()).find(({ reason }) => reason.includes('came before its birth'));
  expect(early?.remedy).toContain('Node Control/Rebirth');
  await first.close();
  const second = await started(dir);
  second.clock.set(Date.UTC(2023, 10, 14, 22, 30));
  await second.send(bytes(SPARKPLUG.ddataHistorical), spb('DDATA', 'bin-1'));
  await second.send(bytes(SPARKPLUG.ndeath), spb('NDEATH'));
  await second.settled();
  expect(await second.ingest.replayer().deadLetter('default', early!.id)).toMatchObject({
    status: 'replayed',
    readings: 3,
  });
  const fills = (await second.stored()).filter(({ quantity }) => quantity === 'fill');
  expect(fills.map(({ at, value }) => [at, value])).toEqual([
    ['2023-11-14T22:13:20.010Z', 0.42],
    ['2023-11-14T22:13:50.000Z', 0.43],
    ['2023-11-14T22:14:19.000Z', 0.435],
    ['2023-11-14T22:14:30.000Z', 0.44],
  ]);
  expect(second.told).toMatchObject([{ deviceId: 'bin-1', event: { kind: 'presence', online: false } }]);
});

test('two edge nodes with a device of the same name do not speak for each other', async () => {
  const world = await started();
  await world.addDevice('bin-1');
  await world.addDevice('bin-2', 'plain', { externalIds: { networkId: 'city/east/bin-1' } });
  const data = (fill: number) => ({ timestamp: NOW, metrics: [{ name: 'fill', value: fill }] });
  for (const [index, edge] of ['north', 'south', 'east'].entries())
    await world.send(data(index / 10), from('sparkplug', `spBv1.0/city/DDATA/${edge}/bin-1`));
  await world.settled();
  expect((await world.stored()).map(({ value }) => value)).toEqual([0]);
  expect((await world.stored('bin-2')).map(({ value }) => value)).toEqual([0.2]);
  expect(await world.letters()).toMatchObject([
    { code: 'DEVICE_UNKNOWN', reason: expect.stringContaining('already stands for city/north/bin-1') as unknown },
  ]);
});

test('an NB-IoT frame with stored reports: the newest is of now, those of unknown time are suspect', async () => {
  const world = await started();
  await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { imei: '868508064807350' } });
  const head =
    '020001005f000700013031303130313130363734394431393035343639303033313836383530383036343830373335303436303034333232343231333131303839383630343132313032323730303632383537';
  const report = '01756403670b0104823b01050000';
  const frame = `${head}09001c${report}${report}`;
  for (let copy = 0; copy < 2; copy += 1) await world.send(bytes(frame), from('milesight-nb'));
  await world.settled();
  const distances = (await world.stored('laser')).filter(({ quantity }) => quantity === 'distance');
  expect(distances.map(({ value, quality, flags }) => [value, quality, flags])).toEqual([
    [0.315, 'suspect', ['CLOCK_IMPLAUSIBLE']],
    [0.315, 'ok', []],
  ]);
  expect(outcomes(world).filter((outcome) => outcome === 'duplicate')).toHaveLength(2);
});
