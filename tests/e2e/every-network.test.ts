import { expect, test } from 'vitest';
import { SOURCE_TOPICS, type StoredFrame, type Uplink } from '@ronde/contracts';
import { NETWORK_IDS, openNetworks, type NetworkId } from '@ronde/firmware-sim';
import { parseEnvelope, readFrame, type Recall } from '@ronde/ingest';

/*
 * The simulator writes every network's messages from the networks' documents, ingest reads them from the same documents, and
 * neither knows the other: what one says the other must understand.
 */
const AT = Date.UTC(2026, 0, 5, 6);
const BYTES = Uint8Array.of(1, 0x75, 0x5c, 3, 0x67, 1, 1);
const gateway = { id: 'gw-west', eui: '72f0de0000000001', position: { lat: 52.1, lon: 5.1 } };
const networks = openNetworks('default');
type Delivery = Parameters<(typeof networks)['native']['up']>[0];

function delivery(id: NetworkId, fCnt: number): Delivery {
  return {
    ids: { deviceId: 'bin-7', devEui: '', imei: '', networkId: '', ...networks[id].namesOf(7) },
    typeId: 'milesight-em310-udl',
    uplink: { fPort: 85, bytes: BYTES },
    values: [
      ['fill', 0.42],
      ['lidOpen', 0],
      ['battery', 0.9],
    ],
    air: {
      spreadingFactor: 9,
      frequencyHz: 868_100_000,
      receptions: [
        { gateway, rssi: -101, snr: 4.5, channel: 0, gatewayMs: undefined },
        {
          gateway: { ...gateway, id: 'gw-oost', eui: '72f0de0000000002' },
          rssi: -110,
          snr: -2,
          channel: 0,
          gatewayMs: AT,
        },
      ],
    },
    fCnt,
    session: 2,
    atMs: AT + fCnt * 1000,
    deviceMs: AT + fCnt * 1000,
    battery: 0.9,
    late: false,
  };
}

function memory(): Recall {
  const known = new Map<string, unknown>();
  return { get: (key) => known.get(key), set: (key, value) => void known.set(key, value) };
}

/** Hands three uplinks of one device over as the network does, and gives what was read of them. */
function readAll(id: NetworkId): Uplink[] {
  const { source, transport, up } = networks[id];
  const recall = memory();
  const messages = [1, 2, 3].flatMap((fCnt) => up(delivery(id, fCnt)));
  return messages.flatMap(({ to, body }, index) => {
    const frame: StoredFrame = {
      seq: index + 1,
      tenant: 'default',
      source,
      topic: transport === 'mqtt' ? to : `webhook/${source}${to.replace('?event=', '/event/')}`,
      receivedAtMs: AT + 10_000 + index,
      origin: source === 'native' ? { kind: 'device', id: 'bin-7' } : { kind: 'integration', id: 'any' },
      payload: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    };
    if (transport === 'mqtt' && source !== 'native') expect(SOURCE_TOPICS[source]?.test(to), to).toBe(true);
    const parsed = readFrame(frame).parse({ recall });
    expect(parsed).toMatchObject({ kind: 'read', warnings: [] });
    return parsed.kind === 'read' ? parsed.uplinks : [];
  });
}

test.each(NETWORK_IDS)('what a device sends over %s is read as it was sent', (id) => {
  const uplinks = readAll(id);
  const { ids } = delivery(id, 1);
  const network = networks[id];
  // LORIOT tells each uplink twice
  expect(uplinks).toHaveLength(id === 'loriot' ? 6 : 3);
  for (const uplink of uplinks) {
    expect(uplink.source).toBe(network.source);
    expect([ids.deviceId, ids.devEui, ids.imei, ids.networkId]).toContain(Object.values(uplink.device)[0]);
    if (network.carries === 'bytes') expect(Buffer.from(uplink.bytes ?? [])).toEqual(Buffer.from(BYTES));
    else expect(uplink.values).toContainEqual(expect.objectContaining({ quantity: 'fill', value: 0.42 }));
    if (uplink.radio && network.lossy) expect(uplink.radio).toMatchObject({ rssi: -101, snr: 4.5 });
  }
  const counters = new Set(uplinks.map(({ fCnt }) => fCnt));
  if (uplinks[0]!.fCnt !== null) expect(counters).toEqual(new Set([1, 2, 3]));
  const times = uplinks.flatMap(({ atMs, values }) => atMs ?? values[0]?.atMs ?? []);
  // The Things Stack stamps an uplink when it arrives, a moment after it was sent
  expect(times.every((atMs) => atMs >= AT && atMs <= AT + 3_500)).toBe(true);
});

test('a message is known by itself: no network is taken for another', () => {
  for (const id of NETWORK_IDS) {
    if (networks[id].source === 'native') continue;
    const { body } = networks[id].up(delivery(id, 9)).at(-1)!;
    const message: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    expect([id, parseEnvelope(message).family]).toEqual([id, networks[id].source]);
  }
});

test('a join is told with the session that the uplinks after it carry', () => {
  for (const id of NETWORK_IDS) {
    const told = networks[id].joined?.(delivery(id, 0));
    if (!told) continue;
    const parsed = parseEnvelope(
      typeof told.body === 'string' ? JSON.parse(told.body) : told.body,
      told.to.includes('/') ? told.to : undefined,
    );
    expect([id, parsed]).toMatchObject([id, { kind: 'read', events: [{ kind: 'join' }] }]);
    const [event] = parsed.kind === 'read' ? parsed.events : [];
    const sessions = readAll(id).map(({ session }) => session);
    if (event?.kind === 'join' && sessions[0] !== '')
      expect([id, sessions]).toEqual([id, sessions.map(() => event.session)]);
  }
});
