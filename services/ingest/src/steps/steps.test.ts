import { describe, expect, test } from 'vitest';
import type { DeviceRecord, Reading, StoredFrame, Uplink } from '@ronde/contracts';
import { attachAsset } from './attach.ts';
import { checkRange } from './check.ts';
import { createTimekeeper } from './clock.ts';
import { WINDOW_MS, createSeenUplinks, keyOf } from './duplicate.ts';
import type { Valued } from './item.ts';

const NOW = Date.UTC(2026, 0, 5, 6);
const device: DeviceRecord = { id: 'bin-1', typeId: 'plain', createdAt: '2026-01-01T00:00:00Z', secretHash: '' };
const frame: StoredFrame = {
  seq: 1,
  tenant: 'default',
  source: 'native',
  topic: 'v1/default/bin-1/up',
  receivedAtMs: NOW,
  origin: { kind: 'device', id: 'bin-1' },
  payload: new Uint8Array(),
};
const uplink: Uplink = {
  source: 'native',
  device: { deviceId: 'bin-1' },
  session: '',
  fCnt: null,
  fPort: null,
  bytes: null,
  values: [{ quantity: 'fill', value: 0.4 }],
  atMs: null,
  radio: null,
};
const item = (change: Partial<Uplink>, packetId?: number) => ({
  uplink: { ...uplink, ...change },
  uplinkId: '1',
  device,
  frame: { ...frame, packetId },
});

test('network, device, session, counter and payload make the key, nothing of the envelope does', () => {
  const lora = { source: 'things-stack', session: 's', fCnt: 1, bytes: new Uint8Array([1]) } as const;
  const key = keyOf(item(lora));
  expect(keyOf(item({ ...lora, radio: { rssi: -90, snr: 1, gateways: 1 }, atMs: NOW }))).toBe(key);
  for (const other of [
    { source: 'chirpstack' as const },
    { session: 't' },
    { fCnt: 2 },
    { bytes: new Uint8Array([2]) },
  ]) {
    expect(keyOf(item({ ...lora, ...other }))).not.toBe(key);
  }
});

test('a native frame whose counter came round is told apart by its own time', () => {
  expect(keyOf(item({ fCnt: 1, atMs: NOW }))).not.toBe(keyOf(item({ fCnt: 1, atMs: NOW + 1000 })));
});

test('a frame that nothing tells from a repetition has no key', () => {
  expect(keyOf(item({}))).toBeNull();
  expect(keyOf(item({}, 7))).toMatch(/^dup:/);
  expect(keyOf(item({ atMs: NOW }))).toMatch(/^[\w-]{20}$/);
});

test('keys that memory had to give up are asked of the store, expired ones are forgotten', async () => {
  const asked: string[][] = [];
  const store = {
    uplinkKeysSince: async () => [],
    knownUplinkKeys: async (keys: string[]) => (asked.push(keys), new Set(['a'])),
  };
  const seen = createSeenUplinks(store, { maxKeys: 2 });
  seen.add(['a', 'b', 'c'].map((key, index) => ({ key, receivedAtMs: NOW + index })));
  expect([...(await seen.find(['a', 'b', 'x']))]).toEqual([
    ['b', NOW + 1],
    ['a', NOW],
  ]);
  expect(asked).toEqual([['a', 'x']]);
  const calm = createSeenUplinks(store);
  calm.add([
    { key: 'old', receivedAtMs: NOW - WINDOW_MS - 1 },
    { key: 'new', receivedAtMs: NOW },
  ]);
  expect([...(await calm.find(['old', 'new']))]).toEqual([['new', NOW]]);
  expect(asked).toHaveLength(1);
});

test('after a restart the keys of the last day are known, with the quarter of the day they came in', async () => {
  const times: [string, number][] = [
    ['a', NOW - 23 * 3_600_000],
    ['b', NOW - 7 * 3_600_000],
    ['c', NOW - 60_000],
  ];
  const store = {
    uplinkKeysSince: async (sinceMs: number) => times.filter(([, atMs]) => atMs >= sinceMs).map(([key]) => key),
    knownUplinkKeys: async () => new Set<string>(),
  };
  const seen = createSeenUplinks(store);
  await seen.warm(NOW);
  const hoursAgo = [...(await seen.find(['a', 'b', 'c']))].map(([key, atMs]) => [key, (NOW - atMs) / 3_600_000]);
  expect(hoursAgo).toEqual([
    ['a', 18],
    ['b', 6],
    ['c', 0],
  ]);
});

test('receive times stay unique where the store already holds some, and far behind a burst of one millisecond', async () => {
  const stored = [NOW, NOW + 1, NOW + 3].map((atMs) => ({ at: new Date(atMs).toISOString() }) as Reading);
  const keeper = createTimekeeper({ series: async () => ({ items: stored }) }, NOW + 3);
  await keeper.prepare('default', 'bin-1', NOW);
  expect([keeper.take('bin-1', NOW), keeper.take('bin-1', NOW)]).toEqual([NOW + 2, NOW + 4]);
  const burst = Array.from({ length: 2_000 }, () => keeper.take('bin-2', NOW + 10));
  expect(burst).toEqual(Array.from({ length: 2_000 }, (_, index) => NOW + 10 + index));
  expect(keeper.take('bin-2', NOW + 500)).toBe(NOW + 2_010);
  expect(keeper.take('bin-2', NOW + 9_000)).toBe(NOW + 9_000);
});

test("a device's own time is never given a second time", () => {
  const keeper = createTimekeeper({ series: async () => ({ items: [] }) }, null);
  keeper.note('bin-1', NOW + 1);
  expect([keeper.take('bin-1', NOW), keeper.take('bin-1', NOW)]).toEqual([NOW, NOW + 2]);
});

test('values no sensor can have measured are invalid, others pass untouched', () => {
  const fill = (value: number | null) => checkRange({ quantity: 'fill', value, unit: '1', quality: 'ok', flags: [] });
  expect(fill(0.5)).toEqual({ quantity: 'fill', value: 0.5, unit: '1', quality: 'ok', flags: [] });
  expect(fill(-0).value).toBe(0);
  for (const value of [1.0001, -0.1, 255, 1e308])
    expect(fill(value)).toMatchObject({ value, quality: 'invalid', flags: ['OUT_OF_RANGE'] });
  for (const value of [Number.NaN, Infinity]) expect(fill(value)).toMatchObject({ value: null, quality: 'invalid' });
  expect(fill(null)).toMatchObject({ value: null, quality: 'invalid', flags: ['SENTINEL'] });
});

test('a fill that the device computed stands, and each chamber has its own', () => {
  const mounting = { emptyDistanceM: 2, fullDistanceM: 0 };
  const valued: Valued = {
    ...item({}),
    key: null,
    typeVersion: 'plain@1',
    values: [],
    device: { ...device, mounting, assetId: 'asset-1' },
  };
  const value = (quantity: 'distance' | 'fill', amount: number, chamber?: string) =>
    ({
      quantity,
      value: amount,
      unit: quantity === 'fill' ? '1' : 'm',
      quality: 'ok',
      flags: [],
      atMs: NOW,
      ...(chamber && { chamber }),
    }) as const;
  const placed = [value('distance', 1, '1'), value('fill', 0.9, '1'), value('distance', 0.5, '2')].map((v) => ({
    ...v,
    flags: [...v.flags],
  }));
  const fills = attachAsset(valued, placed)
    .filter(({ quantity }) => quantity === 'fill')
    .map(({ chamber, value: fill, flags }) => [chamber, fill, flags]);
  expect(fills).toEqual([
    ['1', 0.9, []],
    ['2', 0.75, ['DERIVED']],
  ]);
});

describe('a device that works out a fill itself', () => {
  const mounting = { emptyDistanceM: 2, fullDistanceM: 0, shape: { kind: 'sphere' as const } };
  const fillsOf = (distance: number | null, given: Partial<Valued> = {}, hung: object = { mounting }) => {
    const common = { quality: 'ok' as const, atMs: NOW };
    const placed = [
      { ...common, quantity: 'fill' as const, value: 0.9, unit: '1' as const, flags: ['DEVICE_COMPUTED' as const] },
      {
        ...common,
        quantity: 'distance' as const,
        value: distance,
        unit: 'm' as const,
        flags: [],
        ...(distance === null && { quality: 'invalid' as const }),
      },
    ];
    const valued: Valued = {
      ...item({}),
      key: null,
      typeVersion: 'acme@1',
      values: [],
      device: { ...device, assetId: 'asset-1', ...hung },
      ...given,
    };
    return attachAsset(valued, placed)
      .filter(({ quantity }) => quantity === 'fill')
      .map(({ value, flags }) => [value, flags]);
  };

  test('gives way to our own geometry, in the shape of the container', () => {
    expect(fillsOf(1.5)).toEqual([[0.15625, ['DERIVED']]]);
  });

  test('counts where the distance is no distance or the mounting is not known', () => {
    expect(fillsOf(null)).toEqual([[0.9, ['DEVICE_COMPUTED']]]);
    expect(fillsOf(1.5, {}, {})).toEqual([[0.9, ['DEVICE_COMPUTED']]]);
  });

  test('counts where its type prefers it', () => {
    expect(fillsOf(1.5, { geometry: { prefer: 'device' } })).toEqual([[0.9, ['DEVICE_COMPUTED']]]);
  });

  test('is sold with its container: the mounting of the type counts until the device has its own', () => {
    const geometry = { prefer: 'geometry' as const, emptyDistanceM: 3, fullDistanceM: 0 };
    expect(fillsOf(1.5, { geometry }, {})).toEqual([[0.5, ['DERIVED']]]);
    expect(fillsOf(1.5, { geometry })).toEqual([[0.15625, ['DERIVED']]]);
  });
});
