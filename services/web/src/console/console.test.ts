import { expect, test } from 'vitest';
import type { DeadLetter, Device, DeviceHealth, UplinkTrace } from '@ronde/contracts';
import { deviceInputOf } from './device-input.ts';
import { mountOf } from './device/mount-fields.tsx';
import { findDevices } from './find-devices.ts';
import { csvOf } from './imports/secrets.tsx';
import { groupLetters } from './letter-groups.ts';
import { bytesOf, hexOf, textOf } from './raw-bytes.ts';
import { hexLines } from './types/hex-lines.ts';
import { firstPort, lineOf, nextVersion, withVersion } from './types/next-version.ts';
import { adoptInputOf, idFrom } from './unknown/adopt-form.tsx';
import { createTrafficRing, filterTraffic } from './traffic-ring.ts';

const letter = (id: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  id,
  receivedAt: `2026-01-05T08:00:0${id}.000Z`,
  source: 'native',
  topic: 't',
  stage: 'identify',
  code: 'DEVICE_UNKNOWN',
  reason: `no device with devEUI ${'a'.repeat(15)}${id}`,
  remedy: 'register it',
  rawBase64: '',
  status: 'open',
  ...more,
});
const line = (id: string, more: Partial<UplinkTrace> = {}): UplinkTrace => ({
  uplinkId: id,
  receivedAt: `2026-01-05T08:00:${id.padStart(2, '0')}.000Z`,
  source: 'native',
  topic: `v1/x/${id}/up`,
  deviceId: `dev-${id}`,
  outcome: 'stored',
  readings: 1,
  bytes: 10,
  ...more,
});
const ids = (lines: readonly UplinkTrace[]): string[] => lines.map(({ uplinkId }) => uplinkId);

test('letters that fail alike are one group, whatever ids they name; the largest group comes first', () => {
  const groups = groupLetters([letter('1', { code: 'CODEC_FAULT', reason: 'too short' }), letter('2'), letter('3')]);
  expect(groups.map(({ code, letters }) => [code, letters.length])).toEqual([
    ['DEVICE_UNKNOWN', 2],
    ['CODEC_FAULT', 1],
  ]);
  expect([groups[0]?.firstAt, groups[0]?.lastAt]).toEqual(['2026-01-05T08:00:02.000Z', '2026-01-05T08:00:03.000Z']);
});

test('raw bytes are shown as hex, and as text only when they are text', () => {
  expect(hexOf(bytesOf('AW//Aw==') ?? new Uint8Array())).toBe('01 6f ff 03');
  expect(textOf(bytesOf('AW//Aw==') ?? new Uint8Array())).toBeUndefined();
  expect(textOf(bytesOf(btoa('{"fill":1}')) ?? new Uint8Array())).toBe('{"fill":1}');
  expect(bytesOf('no base64!')).toBeUndefined();
});

test('the ring keeps the newest lines, newest first, and tells an uplink once', () => {
  const ring = createTrafficRing(3);
  ring.replace([line('1'), line('2')]);
  ring.add([line('3'), line('4'), line('2', { outcome: 'duplicate' })]);
  expect(ids(ring.lines())).toEqual(['4', '3', '2']);
  expect(ring.lines()[2]?.outcome).toBe('duplicate');
});

test('while paused nothing moves; going on shows what came', () => {
  const ring = createTrafficRing(10);
  ring.add([line('1')]);
  ring.pause();
  ring.add([line('2'), line('3')]);
  expect([ids(ring.lines()), ring.held()]).toEqual([['1'], 2]);
  ring.resume();
  expect(ids(ring.lines())).toEqual(['3', '2', '1']);
});

test('the filter looks at device, topic and code, and at the outcome', () => {
  const lines = [line('1'), line('2', { outcome: 'dead-letter', code: 'CODEC_FAULT', deviceId: null })];
  expect(ids(filterTraffic(lines, { text: 'codec', outcome: '' }))).toEqual(['2']);
  expect(ids(filterTraffic(lines, { text: 'DEV-1', outcome: '' }))).toEqual(['1']);
  expect(ids(filterTraffic(lines, { text: '', outcome: 'dead-letter' }))).toEqual(['2']);
});

const device = (id: string, more: Partial<Device> = {}): Device => ({
  id,
  typeId: 'plain',
  status: 'installed',
  createdAt: '2026-01-05T08:00:00.000Z',
  hasKeys: false,
  ...more,
});

test('devices are found by status, by health and by a text in any of their names and tags', () => {
  const all = [
    device('a', { tags: ['Noord'], serialNumber: 'SN-77' }),
    device('b', { status: 'in-stock', externalIds: { devEui: '70b3d57ed0000001' } }),
  ];
  const healths = new Map([['a', { status: 'bad' } as DeviceHealth]]);
  const found = (search: Parameters<typeof findDevices>[1]): string[] => findDevices(all, search).map(({ id }) => id);
  expect(found({ text: 'noord' })).toEqual(['a']);
  expect(found({ text: '70B3D5' })).toEqual(['b']);
  expect(found({ text: '', status: 'in-stock' })).toEqual(['b']);
  expect(found({ text: '', health: 'bad', healths })).toEqual(['a']);
  expect(found({ text: '', health: 'unknown', healths })).toEqual(['b']);
});

test('forms leave out what is empty, and a network’s name becomes an id', () => {
  const form = new FormData();
  for (const [name, value] of [
    ['deviceId', ' new-1 '],
    ['typeId', 'plain'],
    ['assetId', 'bin-1'],
    ['emptyDistanceM', '1.5'],
  ] as const)
    form.set(name, value);
  expect(adoptInputOf(form)).toEqual({ deviceId: 'new-1', typeId: 'plain', assetId: 'bin-1' });
  expect(mountOf(form)).toEqual({ assetId: 'bin-1', mounting: { emptyDistanceM: 1.5, fullDistanceM: 0 } });
  expect(idFrom('group/edge node/device')).toBe('group-edge-node-device');
});

test('secrets are saved as a table with a heading', () => {
  expect(csvOf([{ id: 'a-1', secret: 'xyz' }])).toBe('id,secret\r\na-1,xyz\r\n');
});

test('frames are typed one a line, in any common form, and the first faulty line is named', () => {
  expect(hexLines('0D 3B:0a\n\n0x00ff\n')).toEqual({ frames: ['0d3b0a', '00ff'] });
  expect(hexLines('00\n0')).toEqual({ frames: ['00'], faultAt: 2 });
});

test('the next version is one that is free, and stands in the manifest', () => {
  expect(nextVersion('1.2.9', ['1.2.10'])).toBe('1.2.11');
  expect(withVersion('id: a\nversion: 1.0.0\n', '1.0.1')).toBe('id: a\nversion: 1.0.1\n');
  expect(withVersion('id: a\n', '1.0.1')).toBe('version: 1.0.1\nid: a\n');
  expect(lineOf("id: 'acme-1' # x\n", 'id')).toBe('acme-1');
  expect(['fPorts: [85, 86]', 'fPorts:\n  - 7', 'id: a'].map(firstPort)).toEqual([85, 7, 1]);
});

test('a device from a form has only what was filled in, its EUIs in lower case', () => {
  const form = new FormData();
  for (const [name, value] of [
    ['id', 's-1'],
    ['typeId', 'plain'],
    ['devEui', 'A84041B2C1D2E3F4'],
    ['joinEui', ' A840410000000101 '],
    ['emptyDistanceM', ''],
  ] as const)
    form.set(name, value);
  expect(deviceInputOf(form)).toEqual({
    id: 's-1',
    typeId: 'plain',
    externalIds: { devEui: 'a84041b2c1d2e3f4' },
    joinEui: 'a840410000000101',
  });
});
