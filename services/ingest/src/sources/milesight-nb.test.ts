import { expect, test } from 'vitest';
import { parseEnvelope, parseFrame } from './index.ts';
import { NOW, bytes, familyOf, faultsOf, hex, only } from './testing.ts';

// Milesight-IoT/SensorDecoders@e79c9d8, em-series/em400-udl/README.md, "Example (NB-IoT)"
const HEAD =
  '020001005f000000013031303130313130363734394431393035343639303033313836383530383036343830373335303436303034333232343231333131303839383630343132313032323730303632383537';
const REPORT = '01756403670b0104823b01050001';
const FRAME = `${HEAD}09000e${REPORT}`;
const about = { source: 'milesight-nb', device: { imei: '868508064807350' }, fPort: 85, counterBits: 16 };

test('the documented frame gives the sensor, its counter, the signal and the sensor data', () => {
  const uplink = only(parseEnvelope(bytes(FRAME)));
  expect(uplink).toMatchObject({ ...about, fCnt: 0, session: '', atMs: null, radio: { rssi: -95, snr: null } });
  expect(hex(uplink)).toBe(REPORT);
});

test('reports that follow each other in one frame are as many uplinks, all but the newest of an unknown time', () => {
  const reports = [REPORT, '03670c018482400101050000', '03670c018482400101050000'];
  const data = reports.join('');
  const length = (data.length / 2).toString(16).padStart(4, '0');
  const parsed = parseEnvelope(bytes(`${HEAD}63${length}${data}`));
  const uplinks = parsed.kind === 'read' ? parsed.uplinks : [];
  expect(uplinks.map(hex)).toEqual(reports);
  expect(uplinks.map(({ late }) => late)).toEqual([true, true, undefined]);
  expect(new Set(uplinks.map(({ session }) => session)).size).toBe(3);
  expect(uplinks.map(({ radio }) => radio)).toEqual([null, null, null]);
});

test('from a channel of unknown length on, the data stay together', () => {
  const data = '01756420ce0102030401756403670b01';
  const uplink = only(parseEnvelope(bytes(`${HEAD}090010${data}`)));
  expect(hex(uplink)).toBe(data);
});

test('a frame that was cut, or names no IMEI, is refused for what it lacks', () => {
  for (const cut of [FRAME.slice(0, -2), FRAME.slice(0, 120), FRAME.slice(0, 20)])
    expect(faultsOf(parseEnvelope(bytes(cut)))).toEqual(['message']);
  expect(faultsOf(parseEnvelope(bytes(FRAME.replace('38363835', '38363841'))))).toEqual(['imei']);
});

test('counts of another device that start with the same three bytes are its own, not a frame that was cut', () => {
  const relay = (hexOfPayload: string): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify({
        customerId: '1',
        rcvTime: 1_790_000_000,
        srcImsi: '204080001800090',
        payload: Buffer.from(hexOfPayload, 'hex').toString('base64'),
      }),
    );
  for (const counts of ['0200010001000100010001', '020001', '0200010100000100010001'])
    expect(only(parseEnvelope(relay(counts)))).toMatchObject({ source: 'miotiq', bytes: bytes(counts) });
});

test('a sensor that logs in as itself may send its own frame', () => {
  const frame = {
    seq: 1,
    tenant: 'default',
    source: 'native',
    topic: 'v1/default/bin-7/up',
    receivedAtMs: NOW,
    origin: { kind: 'device', id: 'bin-7' },
    payload: bytes(FRAME),
  } as const;
  expect(only(parseFrame(frame))).toMatchObject({
    source: 'native',
    device: { deviceId: 'bin-7' },
    fCnt: 0,
    fPort: 85,
  });
});

test('the message alone says whose it is', () => {
  expect(familyOf(bytes(FRAME))).toBe('milesight-nb');
});
