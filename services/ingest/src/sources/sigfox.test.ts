import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

// npm sigfox-aws 2.0.168, routeMessage/test/testevent.json
const data = {
  device: '1A2345',
  data: 'b0513801a421f0019405a500',
  duplicate: false,
  snr: 18.86,
  station: '1D44',
  avgSnr: 15.54,
  lat: 1,
  lng: 104,
  rssi: -123,
  seqNumber: 1508,
  ack: false,
  longPolling: false,
  time: 1512814827,
};
const device = { networkId: '1A2345', orDeviceId: '1A2345' };
const about = { source: 'sigfox', device, atMs: 1_512_814_827_000 };

test('a data callback is read; the position beside it is that of the station, not of the device', () => {
  const parsed = parseEnvelope(data);
  const read = only(parsed);
  expect(read).toMatchObject({ ...about, session: '', fCnt: 1508, counterBits: 12, fPort: null });
  expect(read.radio).toMatchObject({ rssi: -123, snr: 18.86, gateways: 1, seenBy: [{ id: '1D44' }] });
  expect(hex(read)).toBe(data.data);
  expect(parsed).toMatchObject({ events: [] });
});

test('a template that quotes its variables reads the same', () => {
  const quoted = { device: '1A2345', data: 'b0', time: '1512814827', seqNumber: '1508', rssi: '-123.00', snr: '' };
  expect(only(parseEnvelope(quoted))).toMatchObject({ ...about, fCnt: 1508, radio: { rssi: -123, snr: null } });
});

test('advanced data list the stations and may hold the position of the device', () => {
  const advanced = {
    device: '1a2345',
    time: 1512814827,
    data: 'b0',
    seqNumber: 1508,
    lqi: 'Good',
    duplicates: [
      { bsId: '1D44', rssi: -130, snr: 9.1, nbRep: 3 },
      { bsId: '2B11', rssi: -119, snr: 12, nbRep: 2 },
    ],
    computedLocation: { lat: 43.5, lng: 1.48, radius: 2500, source: 2, status: 1 },
  };
  expect(parseEnvelope(advanced)).toMatchObject({
    uplinks: [
      { device: { networkId: '1A2345' }, fCnt: 1508, radio: { rssi: -119, gateways: 2, seenBy: [{ id: '2B11' }, {}] } },
    ],
    events: [{ kind: 'location', lat: 43.5, lon: 1.48, accuracyM: 2500 }],
  });
});

test('acknowledge callbacks follow a downlink', () => {
  const ack = { device: '1A2345', time: 1512814827, infoCode: 0, infoMessage: 'Acked', downlinkAck: true };
  const base = { ...about, kind: 'downlink', correlationId: null, fCntDown: null };
  expect(eventsOf(parseEnvelope(ack))).toEqual([{ ...base, status: 'sent', detail: null }]);
  expect(eventsOf(parseEnvelope({ ...ack, infoCode: '3', infoMessage: 'OVERRUN_ERROR' }))).toEqual([
    { ...base, status: 'failed', detail: 'OVERRUN_ERROR' },
  ]);
  expect(eventsOf(parseEnvelope({ ...ack, infoCode: 5 }))).toMatchObject([{ status: 'queued' }]);
});

test('a status callback gives the voltage of the battery', () => {
  const status = { device: '1A2345', time: 1512814827, seqNumber: 12, batt: '3.42', temp: '21.0' };
  expect(parseEnvelope(status)).toMatchObject({
    uplinks: [{ ...about, fCnt: 12, bytes: null, values: [{ quantity: 'batteryVoltage', value: 3.42 }] }],
    events: [{ ...about, kind: 'status', battery: null }],
  });
});

test('a position that could not be computed is no position', () => {
  const geoloc = { device: '1A2345', time: 1512814827, lat: 43.5, lng: 1.48, radius: 700, seqNumber: 12 };
  expect(eventsOf(parseEnvelope(geoloc))).toEqual([
    { ...about, kind: 'location', lat: 43.5, lon: 1.48, accuracyM: 700 },
  ]);
  const failed = { device: '1A2345', time: 1512814827, computedLocation: { lat: 0, lng: 0, status: 0 } };
  expect(parseEnvelope(failed)).toMatchObject({ kind: 'ignored', event: 'geoloc without result' });
});

test('faults name the field, and the message alone says whose it is', () => {
  expect(faultsOf(parseEnvelope({ ...data, data: 'zz', seqNumber: -1 })).sort()).toEqual(['data', 'seqNumber']);
  expect(faultsOf(parseEnvelope({ ...data, data: '00'.repeat(13) }))).toEqual(['data']);
  expect(familyOf(data)).toBe('sigfox');
  expect(parseEnvelope({ device: '1A2345', time: 1, severity: 'ERROR', info: 'x' })).toMatchObject({ event: 'error' });
});
