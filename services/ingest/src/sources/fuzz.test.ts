import { expect, test } from 'vitest';
import type { DeviceName, StoredFrame } from '@ronde/contracts';
import { createRng, type Rng } from '@ronde/kit';
import { parseEnvelope, readFrame } from './index.ts';
import { CHIRPSTACK, SPARKPLUG } from './protobuf-vectors.ts';
import { NOW, bytes, memory } from './testing.ts';

const EUI = '0102030405060708';
const MILESIGHT =
  '020001005f00000001303130313031313036373439443139303534363930303331383638353038303634383037333530343630303433323234323133313130383938363034313231303232373030363238353709000e01756403670b0104823b01050001';

interface Seed {
  source: StoredFrame['source'];
  topic: string;
  message: unknown;
  /** Members that name the device; what changes them may change the device. */
  names: RegExp;
}
const json: Seed[] = [
  {
    source: 'things-stack',
    topic: 'webhook/things-stack',
    names: /dev_eui|device_id|end_device_ids/,
    message: {
      end_device_ids: { device_id: 'dev', dev_eui: EUI, dev_addr: '00BCB929' },
      received_at: '2026-01-05T06:00:00Z',
      uplink_message: {
        session_key_id: 's',
        f_port: 1,
        f_cnt: 7,
        frm_payload: 'qrs=',
        rx_metadata: [{ gateway_ids: { gateway_id: 'g' }, rssi: -80, snr: 7 }],
        settings: { data_rate: { lora: { bandwidth: 125000, spreading_factor: 7 } } },
        last_battery_percentage: { value: 88, received_at: '2026-01-05T05:00:00Z' },
      },
    },
  },
  {
    source: 'chirpstack',
    topic: 'webhook/chirpstack',
    names: /devE/,
    message: {
      time: '2026-01-05T06:00:00Z',
      deviceInfo: { devEui: EUI, tags: { a: 'b' } },
      devAddr: '00189440',
      fCnt: 7,
      fPort: 1,
      data: 'qrs=',
      rxInfo: [{ gatewayId: '0016c001f153a14c', rssi: -36, snr: 10.5 }],
      txInfo: { frequency: 867100000, modulation: { lora: { bandwidth: 125000, spreadingFactor: 11 } } },
    },
  },
  {
    source: 'thingpark',
    topic: 'webhook/thingpark',
    names: /DevEUI/,
    message: {
      DevEUI_uplink: {
        Time: '2026-01-05T06:00:00Z',
        DevEUI: EUI,
        FPort: 1,
        FCntUp: 26,
        payload_hex: '0202',
        Lrrs: { Lrr: [{ Lrrid: 'A', LrrRSSI: -114, LrrSNR: 4.75 }] },
      },
    },
  },
  {
    source: 'loriot',
    topic: 'webhook/loriot',
    names: /EUI/,
    message: { cmd: 'gw', EUI, ts: NOW, fcnt: 3, port: 2, gws: [{ rssi: -38, snr: 8.5 }], bat: 143, data: '0112' },
  },
  {
    source: 'helium',
    topic: 'webhook/helium',
    names: /dev_eui/,
    message: {
      app_eui: EUI,
      dev_eui: EUI,
      fcnt: 1,
      port: 1,
      payload: 'qrs=',
      hotspots: [{ rssi: -5 }],
      reported_at: NOW,
    },
  },
  {
    source: 'sigfox',
    topic: 'webhook/sigfox',
    names: /device/,
    message: { device: '1A2345', data: 'b051', time: NOW / 1000, seqNumber: 15, computedLocation: { lat: 1, lng: 2 } },
  },
  {
    source: 'miotiq',
    topic: 'webhook/miotiq',
    names: /srcImsi/,
    message: { customerId: '1', rcvTime: NOW / 1000, srcImsi: '204046123456789', payload: 'Ug==' },
  },
  {
    source: 'kpn',
    topic: 'webhook/kpn',
    names: /bn/,
    message: [
      { bn: `urn:dev:DEVEUI:${EUI}:`, bt: NOW / 1000, n: 'payload', vs: '763d0028' },
      { n: 'port', v: 1 },
      { n: 'LrrRSSI', v: -107 },
      { n: 'latitude', u: 'lat', v: 52 },
      { n: 'longitude', u: 'lon', v: 4 },
    ],
  },
  {
    source: 'senml',
    topic: 'senml/x/up',
    names: /bn|^n$/,
    message: [
      { bn: `urn:dev:mac:${EUI}:`, n: 'fill', u: '%', v: 4 },
      { n: 'temperature', v: 2 },
    ],
  },
  {
    source: 'sparkplug',
    topic: 'spBv1.0/city/DDATA/edge/bin-1',
    names: /topic/,
    message: {
      timestamp: NOW,
      seq: 3,
      metrics: [
        { name: 'fill', value: 0.4 },
        { name: 'temperature', alias: 3, value: 3 },
      ],
    },
  },
  {
    source: 'native',
    topic: 'v1/default/bin-1/up',
    names: /deviceId|devEui|imei/,
    message: { at: '2026-01-05T06:00:00Z', seq: 3, fill: 0.4, temperature: 21, chamber: '1' },
  },
];
const binary: Omit<Seed, 'names' | 'message'>[] & { payload: Uint8Array }[] = [
  { source: 'milesight-nb', topic: 'webhook/milesight-nb', payload: bytes(MILESIGHT) },
  ...Object.values(CHIRPSTACK).map((digits) => ({
    source: 'chirpstack' as const,
    topic: 'webhook/chirpstack',
    payload: bytes(digits),
  })),
  ...Object.values(SPARKPLUG).map((digits) => ({
    source: 'sparkplug' as const,
    topic: 'spBv1.0/city/DDATA/edge/bin-1',
    payload: bytes(digits),
  })),
];

const ODD: unknown[] = [
  null,
  true,
  '',
  'x'.repeat(5_000),
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  '1e999',
  [],
  {},
  [null],
  { constructor: { prototype: { devEui: EUI } } },
  JSON.parse('{"__proto__":{"devEui":"ffffffffffffffff","dev_eui":"ffffffffffffffff"}}'),
  '\u0000',
  // names of other devices
  'ffffffffffffffff',
  '2B2B2B',
  'bin-2',
  '🗑️',
];

/** Every place in a message: the object or list it stands in, its key, and the keys on the way. */
function placesIn(node: unknown, path: string[] = []): { owner: object; key: string; path: string[] }[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.keys(node).flatMap((key) => [
    { owner: node, key, path: [...path, key] },
    ...placesIn((node as Record<string, unknown>)[key], [...path, key]),
  ]);
}

const KEYS = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'then',
  'uplink_message',
  'deviceInfo',
  'cmd',
  'metrics',
];

/** Changes one thing in a message; tells whether what names the device may have changed with it. */
function mutate(message: unknown, names: RegExp, rng: Rng): { text: string; mayRename: boolean } {
  const copy = structuredClone(message);
  const places = placesIn(copy);
  const { owner, key, path } = places[rng.int(places.length)]!;
  const value = ODD[rng.int(ODD.length)];
  const isName = names.test(path.join('.'));
  switch (rng.int(6)) {
    case 0:
      delete (owner as Record<string, unknown>)[key];
      return { text: JSON.stringify(copy), mayRename: isName };
    case 1: {
      const added = KEYS[rng.int(KEYS.length)]!;
      Object.defineProperty(owner, added, { value, enumerable: true, configurable: true, writable: true });
      return { text: JSON.stringify(copy), mayRename: false };
    }
    case 2: {
      const text = JSON.stringify(copy);
      return { text: text.slice(0, rng.int(text.length)), mayRename: false };
    }
    case 3: {
      // the same member twice: the odd one last, so that a parser which takes the last one takes that
      if (Array.isArray(owner)) return { text: JSON.stringify(copy), mayRename: false };
      (owner as Record<string, unknown>)[`${key}~`] = value;
      return { text: JSON.stringify(copy).replace(`"${key}~":`, `"${key}":`), mayRename: false };
    }
    case 4: {
      const depth = 1 + rng.int(2_000);
      (owner as Record<string, unknown>)[key] = 'DEEP';
      const nested = '['.repeat(depth) + ']'.repeat(depth);
      return { text: JSON.stringify(copy).replace('"DEEP"', nested), mayRename: isName };
    }
    default:
      (owner as Record<string, unknown>)[key] = value;
      return { text: JSON.stringify(copy), mayRename: isName };
  }
}

function frameOf({ source, topic }: Pick<Seed, 'source' | 'topic'>, payload: Uint8Array, seq = 1): StoredFrame {
  return {
    seq,
    tenant: 'default',
    source,
    topic,
    receivedAtMs: NOW,
    origin: { kind: 'integration', id: 'i' },
    payload,
  };
}

function devicesIn(frame: StoredFrame, recall = memory()): DeviceName[] {
  const parsed = readFrame(frame).parse({ recall });
  const unsaid = parsed.kind === 'refused' ? parsed.faults.filter(({ field, remedy }) => !field || !remedy) : [];
  if (unsaid.length > 0) expect(unsaid).toEqual([]);
  return parsed.kind === 'read' ? [...parsed.uplinks, ...parsed.events].map(({ device }) => device) : [];
}

const MUTATIONS = 10_000;

test(`${MUTATIONS} mutated messages of every network never throw and never speak for another device`, () => {
  const rng = createRng(7);
  const outcomes = { read: 0, not: 0 };
  const ownNames = new Map(
    json.map((seed) => {
      const devices = devicesIn(frameOf(seed, new TextEncoder().encode(JSON.stringify(seed.message))));
      return [seed, new Set(devices.map((device) => JSON.stringify(device)))];
    }),
  );
  for (let n = 0; n < MUTATIONS; n += 1) {
    const seed = json[n % json.length]!;
    const own = ownNames.get(seed)!;
    const { text, mayRename } = mutate(seed.message, seed.names, rng);
    const payload = new TextEncoder().encode(text);
    const devices = devicesIn(frameOf(seed, payload)).map((device) => JSON.stringify(device));
    outcomes[devices.length > 0 ? 'read' : 'not'] += 1;
    const foreign = mayRename ? [] : devices.filter((device) => !own.has(device));
    if (foreign.length > 0) expect([foreign, text]).toEqual([[], text]);
    // recognised by the message alone, whatever it is
    parseEnvelope(payload, undefined, NOW);
  }
  // the mutations must not all be so coarse that nothing is read any more
  expect(outcomes.read).toBeGreaterThan(MUTATIONS / 4);
  expect(outcomes.not).toBeGreaterThan(MUTATIONS / 10);
});

test(`${MUTATIONS} mutated binary messages never throw, and a name that is read stands in the bytes`, () => {
  const rng = createRng(11);
  for (let n = 0; n < MUTATIONS; n += 1) {
    const seed = binary[n % binary.length]!;
    let payload = new Uint8Array(seed.payload);
    for (let changes = 1 + rng.int(3); changes > 0; changes -= 1) payload[rng.int(payload.length)] = rng.int(256);
    if (rng.int(4) === 0) payload = payload.slice(0, rng.int(payload.length));
    const text = Buffer.from(payload).toString('latin1').toLowerCase();
    const recall = memory();
    if (seed.source === 'sparkplug') {
      devicesIn(
        frameOf({ source: 'sparkplug', topic: 'spBv1.0/city/NBIRTH/edge' }, bytes(SPARKPLUG.nbirth), 1),
        recall,
      );
      devicesIn(
        frameOf({ source: 'sparkplug', topic: 'spBv1.0/city/DBIRTH/edge/bin-1' }, bytes(SPARKPLUG.dbirth), 2),
        recall,
      );
    }
    for (const device of devicesIn(frameOf(seed, payload, 3), recall)) {
      const [name] = Object.values(device);
      const isThere = seed.source === 'sparkplug' ? name === 'city/edge/bin-1' : text.includes(String(name));
      if (!isThere) expect(name).toBe(Buffer.from(payload).toString('hex'));
    }
    parseEnvelope(payload, undefined, NOW);
  }
});
