import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

const EUI = '0102030405060708';
const TS = 1_690_901_260_493;
const rx = {
  cmd: 'rx',
  seqno: 3040,
  EUI,
  ts: TS,
  fcnt: 3,
  port: 2,
  freq: 868300000,
  rssi: -38,
  snr: 8.5,
  toa: 1319,
  dr: 'SF12 BW125 4/5',
  ack: false,
  bat: 143,
  offline: false,
  data: '0112',
};
const { rssi: _rssi, snr: _snr, offline: _offline, ...common } = rx;
const gw = {
  ...common,
  cmd: 'gw',
  gws: [
    { rssi: -42, snr: 8.8, ts: TS + 2, gweui: '1020304081716151', ant: 0 },
    { rssi: -38, snr: 8.5, ts: TS, gweui: '1020304080706050', ant: 0 },
  ],
};

test('"rx" and "gw" of one uplink are the same uplink: device, session, counter, port and bytes', () => {
  const [one, other] = [only(parseEnvelope(rx)), only(parseEnvelope(gw))];
  const same = { source: 'loriot', device: { devEui: EUI }, session: '', fCnt: 3, fPort: 2, atMs: TS };
  for (const uplink of [one, other]) {
    expect(uplink).toMatchObject(same);
    expect(hex(uplink)).toBe('0112');
  }
  expect(one.radio).toMatchObject({ rssi: -38, snr: 8.5, gateways: 1, spreadingFactor: 12, bandwidthHz: 125_000 });
  expect(other.radio).toMatchObject({ rssi: -38, snr: 8.5, gateways: 2, seenBy: [{ id: '1020304080706050' }, {}] });
});

test('the battery of the last device status comes along; on mains and unknown there is none', () => {
  expect(only(parseEnvelope(rx)).values).toEqual([{ quantity: 'battery', value: 0.5613 }]);
  for (const bat of [0, 255, undefined]) expect(only(parseEnvelope({ ...rx, bat })).values).toEqual([]);
});

test('what LORIOT kept back while we were away is late', () => {
  expect(only(parseEnvelope({ ...rx, offline: true })).late).toBe(true);
  expect(only(parseEnvelope(rx)).late).toBeUndefined();
});

test('downlinks: queued or refused, sent by a gateway, acknowledged by a flag of the next uplink', () => {
  const about = { source: 'loriot', device: { devEui: EUI }, atMs: TS, kind: 'downlink', correlationId: null };
  const txd = { cmd: 'txd', EUI, seqdn: 8, seqq: 8, ts: TS };
  expect(eventsOf(parseEnvelope(txd))).toEqual([{ ...about, status: 'sent', fCntDown: 8, detail: null }]);
  expect(eventsOf(parseEnvelope({ ...txd, cmd: 'tx' }))).toMatchObject([{ status: 'queued' }]);
  expect(eventsOf(parseEnvelope({ ...txd, cmd: 'tx', error: 'device not found' }))).toMatchObject([
    { status: 'failed', detail: 'device not found' },
  ]);
  expect(parseEnvelope({ ...rx, ack: true })).toMatchObject({
    uplinks: [{ fCnt: 3 }],
    events: [{ ...about, status: 'acknowledged', fCntDown: null }],
  });
});

test('an encrypted payload is refused with the remedy, other faults name their field', () => {
  const { data: _data, ...rest } = rx;
  expect(parseEnvelope({ ...rest, encdata: 'aabb' })).toMatchObject({
    kind: 'refused',
    faults: [{ field: 'data', remedy: expect.stringContaining('AppSKey') as unknown }],
  });
  expect(faultsOf(parseEnvelope({ ...rx, EUI: 1, data: 'x', port: 300 })).sort()).toEqual(['EUI', 'data', 'port']);
});

test('the message alone says whose it is; what it does not know is passed over by name', () => {
  expect(familyOf(rx)).toBe('loriot');
  expect(parseEnvelope({ cmd: 'cq', EUI })).toMatchObject({ kind: 'ignored', event: 'cq', family: 'loriot' });
});
