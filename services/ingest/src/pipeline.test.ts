import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeadLetter, DeviceInput, Frame, Reading, UplinkTrace } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, TENANT, openWorld, thingsStackUplink, type World, letterId } from './fixtures.ts';

let types: SensorTypes;
let shared: World;
beforeAll(async () => {
  types = await openSensorTypes();
  shared = await openWorld({ types });
  await shared.start();
});
afterAll(async () => {
  await shared.close();
  await types.close();
  await rm(shared.dataDir, { recursive: true, force: true });
});

const TILTED = '01755c0367010104824408050001';
const UPRIGHT = '0367100104824408050000';
const mounting = { emptyDistanceM: 3.116, fullDistanceM: 0.116 };

/** One test's own devices, frames and results within the shared service. */
interface Scene {
  bin: string;
  laser: string;
  eui: string;
  send(body: unknown, frame?: Partial<Frame>): Promise<number>;
  lora(fields: Parameters<typeof thingsStackUplink>[1]): Promise<number>;
  addDevice(id: string, typeId?: string, more?: Partial<DeviceInput>): Promise<void>;
  settled(): Promise<void>;
  stored(deviceId?: string): Promise<Reading[]>;
  letters(): Promise<DeadLetter[]>;
  traces(): UplinkTrace[];
  accepted(): Reading[];
  inbox: World['inbox'];
  clock: World['clock'];
}

let scenes = 0;
async function started(): Promise<Scene> {
  const n = (scenes += 1);
  const [bin, laser, eui] = [`bin-${n}`, `laser-${n}`, `24e124713d49${n.toString(16).padStart(4, '0')}`];
  shared.clock.set(NOW);
  await shared.addDevice(bin);
  await shared.addDevice(laser, 'milesight-em400-tld', {
    externalIds: { devEui: eui },
    assetId: 'asset-1',
    chamber: '1',
    mounting,
  });
  const before = { seq: shared.inbox.stats().head, traces: shared.traces.length, accepted: shared.accepted.length };
  return {
    bin,
    laser,
    eui,
    inbox: shared.inbox,
    clock: shared.clock,
    send: (body, frame) => shared.send(body, { origin: { kind: 'device', id: bin }, ...frame }),
    lora: (fields) => shared.send(thingsStackUplink(eui, fields), LORA),
    addDevice: shared.addDevice,
    settled: shared.settled,
    stored: (deviceId = bin) => shared.stored(deviceId),
    letters: async () =>
      (await shared.registry.deadLetters.all(TENANT)).filter(({ id }) => Number(id.split('-')[1]) > before.seq),
    traces: () => shared.traces.slice(before.traces),
    accepted: () => shared.accepted.slice(before.accepted),
  };
}

test('a plain frame becomes readings with their own time, unit and provenance', async () => {
  const world = await started();
  const seq = await world.send({ at: '2026-01-05T07:30:00+02:00', fill: 0.42, temperature: -0, lidOpen: true });
  await world.settled();
  const byQuantity = Object.fromEntries((await world.stored()).map((reading) => [reading.quantity, reading]));
  expect(byQuantity['fill']).toMatchObject({
    value: 0.42,
    unit: '1',
    at: '2026-01-05T05:30:00.000Z',
    receivedAt: new Date(NOW).toISOString(),
    quality: 'ok',
    flags: [],
    typeVersion: 'plain@1.0.0',
    uplinkId: String(seq),
    assetId: null,
  });
  expect(Object.is(byQuantity['temperature']?.value, 0)).toBe(true);
  expect(byQuantity['lidOpen']?.value).toBe(1);
  expect(world.accepted()).toHaveLength(3);
});

test('vendor bytes become fill by the mounting, with the signal as readings', async () => {
  const world = await started();
  await world.lora({ hex: UPRIGHT, fPort: 85, fCnt: 1, atMs: NOW - 1000, rssi: -97 });
  await world.settled();
  const got = Object.fromEntries(
    (await world.stored(world.laser)).map(({ quantity, value, quality, flags, assetId, chamber }) => [
      quantity,
      { value, quality, flags, assetId, chamber },
    ]),
  );
  expect(got).toEqual({
    distance: { value: 2.116, quality: 'ok', flags: [], assetId: 'asset-1', chamber: '1' },
    fill: { value: 0.333333, quality: 'ok', flags: ['DERIVED'], assetId: 'asset-1', chamber: '1' },
    temperature: expect.objectContaining({ quality: 'ok' }) as unknown,
    tilt: expect.objectContaining({ value: 0 }) as unknown,
    rssi: { value: -97, quality: 'ok', flags: [], assetId: 'asset-1', chamber: undefined },
    snr: { value: 5, quality: 'ok', flags: [], assetId: 'asset-1', chamber: undefined },
  });
});

test('a leaning sensor makes its distance and fill suspect', async () => {
  const world = await started();
  await world.lora({ hex: TILTED, fPort: 85, fCnt: 1, atMs: NOW });
  await world.settled();
  const fill = (await world.stored(world.laser)).find(({ quantity }) => quantity === 'fill');
  expect(fill).toMatchObject({ quality: 'suspect', flags: expect.arrayContaining(['TILTED', 'DERIVED']) as unknown });
});

test('a distance without mounting says that the geometry is missing', async () => {
  const world = await started();
  await world.addDevice(world.bin, 'plain', { assetId: 'asset-2' });
  await world.send({ at: '2026-01-05T05:00:00Z', distance: 1.2 });
  await world.settled();
  expect(await world.stored()).toMatchObject([{ quantity: 'distance', quality: 'ok', flags: ['GEOMETRY_MISSING'] }]);
});

test('absurd values are kept as invalid and do not become last values', async () => {
  const world = await started();
  await world.send(
    '{"at":"2026-01-05T05:00:00Z","fill":255,"temperature":1e308,"battery":null,"count":1e999,"lidOpen":0.5}',
  );
  await world.settled();
  const got = (await world.stored()).map(({ quantity, value, quality, flags }) => [quantity, value, quality, flags[0]]);
  expect(got).toEqual(
    expect.arrayContaining([
      ['fill', 255, 'invalid', 'OUT_OF_RANGE'],
      ['temperature', 1e308, 'invalid', 'OUT_OF_RANGE'],
      ['battery', null, 'invalid', 'OUT_OF_RANGE'],
      ['count', null, 'invalid', 'OUT_OF_RANGE'],
      ['lidOpen', 0.5, 'invalid', 'OUT_OF_RANGE'],
    ]),
  );
  expect(await shared.readings.lastValues({ tenant: 'default', deviceIds: [world.bin] })).toEqual([]);
});

test.each(['1970-01-01T00:00:07Z', '2099-01-01T00:00:00Z'])(
  'a clock that says %s is not believed, the reading is kept at its receipt',
  async (at) => {
    const world = await started();
    await world.send({ at, fill: 0.5 });
    await world.settled();
    expect(await world.stored()).toMatchObject([
      { at: new Date(NOW).toISOString(), value: 0.5, quality: 'suspect', flags: ['CLOCK_IMPLAUSIBLE'] },
    ]);
  },
);

test('a clock nine minutes ahead is believed', async () => {
  const world = await started();
  await world.send({ at: new Date(NOW + 540_000).toISOString(), fill: 0.5 });
  await world.settled();
  expect(await world.stored()).toMatchObject([{ at: new Date(NOW + 540_000).toISOString(), quality: 'ok' }]);
});

test('frames without time that come in one millisecond are moved forward until unique', async () => {
  const world = await started();
  await world.send({ at: new Date(NOW + 1).toISOString(), fill: 0.9 });
  for (const fill of [0.1, 0.2, 0.3]) await world.send({ fill });
  await world.settled();
  const times = (await world.stored()).map(({ at, value }) => [Date.parse(at) - NOW, value]);
  expect(times).toEqual([
    [0, 0.1],
    [1, 0.9],
    [2, 0.2],
    [3, 0.3],
  ]);
});

test('the same uplink three times, by two gateways and late, is one', async () => {
  const world = await started();
  for (const rssi of [-90, -110, -100]) await world.lora({ hex: UPRIGHT, fPort: 85, fCnt: 7, atMs: NOW + rssi, rssi });
  await world.settled();
  expect(
    world
      .traces()
      .map(({ outcome }) => outcome)
      .sort(),
  ).toEqual(['duplicate', 'duplicate', 'stored']);
  expect((await world.stored(world.laser)).filter(({ quantity }) => quantity === 'distance')).toHaveLength(1);
});

test('a counter that wraps, a rejoin and a late uplink are no duplicates', async () => {
  const world = await started();
  const frames = [
    [65534, 's1'],
    [65535, 's1'],
    [0, 's1'],
    [65533, 's1'],
    [0, 's2'],
    [1, 's2'],
  ] as const;
  for (const [index, [fCnt, session]] of frames.entries())
    await world.lora({ hex: UPRIGHT, fPort: 85, fCnt, session, atMs: NOW + index * 1000 });
  await world.settled();
  expect(world.traces().map(({ outcome }) => outcome)).toEqual(Array(6).fill('stored'));
});

test('after more than a day the same counter and payload are a new uplink', async () => {
  const world = await started();
  await world.lora({ hex: UPRIGHT, fPort: 85, fCnt: 7, atMs: NOW });
  world.clock.advance(25 * 3_600_000);
  await world.lora({ hex: UPRIGHT, fPort: 85, fCnt: 7, atMs: NOW + 25 * 3_600_000 });
  await world.settled();
  expect(world.traces().map(({ outcome }) => outcome)).toEqual(['stored', 'stored']);
});

test('a native frame without counter is a duplicate only with DUP, packet id and payload of the last ten minutes', async () => {
  const world = await started();
  await world.send({ fill: 0.4 }, { packetId: 7 });
  await world.send({ fill: 0.4 }, { packetId: 7 });
  await world.send({ fill: 0.4 }, { packetId: 7, dup: true });
  await world.send({ fill: 0.4 }, { packetId: 8, dup: true });
  await world.send({ fill: 0.5 }, { packetId: 7, dup: true });
  await world.settled();
  expect(world.traces().filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(1);
  world.clock.advance(11 * 60_000);
  await world.send({ fill: 0.4 }, { packetId: 7, dup: true });
  await world.settled();
  expect(await world.stored()).toHaveLength(5);
});

test('a native frame with a sequence number is a duplicate when it comes again', async () => {
  const world = await started();
  for (const seq of [1, 1, 2]) await world.send({ seq, fill: 0.4 });
  await world.settled();
  expect(await world.stored()).toHaveLength(2);
});

test.each([
  ['bytes that are no JSON', '{"fill":0.4', 'PAYLOAD_MALFORMED', 'envelope', /is not JSON/],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00]), 'PAYLOAD_MALFORMED', 'envelope', /is not JSON/],
  ['nothing at all', new Uint8Array(), 'PAYLOAD_MALFORMED', 'envelope', /is not JSON/],
  ['text for a number', { fill: 'half' }, 'PAYLOAD_MALFORMED', 'envelope', /fill is not a number/],
  [
    'raw bytes that are no JSON for a type that reads JSON',
    { fPort: 1, data: 'qg==' },
    'CODEC_FAULT',
    'decode',
    /JSON cannot be read/,
  ],
] as const)(
  '%s end as a dead letter with reason, remedy and the raw bytes',
  async (_title, body, code, stage, reason) => {
    const world = await started();
    const seq = await world.send(body);
    await world.settled();
    const [letter, ...others] = await world.letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      id: letterId(seq),
      code,
      stage,
      status: 'open',
      deviceId: world.bin,
      source: 'native',
      reason: expect.stringMatching(reason) as unknown,
    });
    expect(letter?.remedy.length).toBeGreaterThan(10);
    expect(Buffer.from(letter!.rawBase64, 'base64')).toEqual(Buffer.from((await world.inbox.get(seq))!.payload));
    expect(world.traces()).toMatchObject([{ outcome: 'dead-letter', code }]);
  },
);

test('an unknown device, an unknown type, a codec refusal, an empty poll and a foreign tenant each have their code', async () => {
  const world = await started();
  await world.addDevice('odd', 'acme-bin200');
  await world.send(thingsStackUplink('ffffffffffffffff', { hex: '00', fPort: 1 }), LORA);
  await world.send({ fill: 0.4 }, { origin: { kind: 'device', id: 'odd' } });
  await world.lora({ hex: TILTED, fPort: 84, fCnt: 1 });
  await world.send({}, { source: 'vendor-cloud', origin: { kind: 'integration', id: 'cloud' } });
  await world.send({ deviceInfo: { devEui: world.eui }, data: 'qg==', fPort: 1 }, LORA);
  await world.send({ fill: 0.4 }, { tenant: 'other' });
  await world.settled();
  expect((await world.letters()).map(({ code, stage }) => `${stage} ${code}`).sort()).toEqual([
    'decode CODEC_FAULT',
    'decode SENSOR_TYPE_UNKNOWN',
    'envelope ENVELOPE_UNKNOWN',
    'envelope PAYLOAD_MALFORMED',
    'identify DEVICE_UNKNOWN',
  ]);
  expect(await shared.registry.deadLetters.all('other')).toMatchObject([{ code: 'DEVICE_UNKNOWN' }]);
});

test('an unknown name beside known ones costs no value and still shows', async () => {
  const world = await started();
  await world.send({ at: '2026-01-05T05:00:00Z', fill: 0.4, temp: 21 });
  await world.settled();
  expect(await world.stored()).toHaveLength(1);
  expect(await world.letters()).toMatchObject([{ code: 'PAYLOAD_MALFORMED', remedy: 'did you mean "temperature"?' }]);
});

test('a message that carries nothing for us is ignored and leaves a trace', async () => {
  const world = await started();
  await world.send(
    { end_device_ids: { dev_eui: world.eui }, service_data: {} },
    { ...LORA, topic: 'v3/app@ttn/devices/d/service/data' },
  );
  await world.settled();
  expect(world.traces()).toMatchObject([{ outcome: 'ignored' }]);
  expect(await world.letters()).toEqual([]);
});

test('an uplink without port and bytes proves that the device lives, and is no fault', async () => {
  const world = await started();
  await world.lora({ hex: '', fPort: 0, fCnt: 3, atMs: NOW, rssi: -80 });
  await world.settled();
  expect((await world.stored(world.laser)).map(({ quantity }) => quantity)).toEqual(['rssi', 'snr']);
});

test('a device that is mounted anew counts for its new asset at once', async () => {
  const world = await started();
  await world.send({ seq: 1, fill: 0.1 });
  await world.settled();
  await world.addDevice(world.bin, 'plain', { assetId: 'asset-9' });
  await world.send({ seq: 2, fill: 0.2 });
  await world.settled();
  expect((await world.stored()).map(({ assetId }) => assetId)).toEqual([null, 'asset-9']);
});

test("bytes of a network without ports are read on the type's first port", async () => {
  const scene = await started();
  await scene.addDevice('sigfox-laser', 'milesight-em400-tld', { externalIds: { networkId: '1A2345' }, mounting });
  const callback = { device: '1A2345', time: NOW / 1000, data: UPRIGHT, seqNumber: 7 };
  await scene.send(callback, { source: 'sigfox', origin: { kind: 'integration', id: 'sigfox' } });
  await scene.settled();
  expect(await scene.letters()).toEqual([]);
  expect((await scene.stored('sigfox-laser')).find(({ quantity }) => quantity === 'distance')?.value).toBe(2.116);
});
