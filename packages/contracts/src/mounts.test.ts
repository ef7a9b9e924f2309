import { expect, test } from 'vitest';
import { statusFaults, statusOf } from './device-status.ts';
import { MAX_MOUNTS, type DeviceRecord } from './device.ts';
import { SINCE_EVER, mountAt, mountsOf, moved, type Place } from './mounts.ts';

const device: DeviceRecord = { id: 'd', typeId: 'plain', createdAt: '2026-01-01T00:00:00Z', secretHash: '' };
const at = (hour: number): string => new Date(Date.UTC(2026, 0, 5, hour)).toISOString();
const ms = (hour: number): number => Date.parse(at(hour));
const move = (from: DeviceRecord, place: Place | undefined, hour: number): DeviceRecord => {
  const result = moved(from, place, at(hour));
  if (!result.ok) throw new Error(result.faults[0]?.message);
  return result.value;
};
const mounting = { emptyDistanceM: 2, fullDistanceM: 0 };

test('a record without stays hangs on its asset since ever', () => {
  const old = { ...device, assetId: 'a', mounting };
  expect(mountsOf(old)).toEqual([{ assetId: 'a', mounting, from: SINCE_EVER, to: null }]);
  expect(mountAt(old, 0)?.assetId).toBe('a');
  expect(mountsOf(device)).toEqual([]);
});

test('each moment belongs to one stay, the moment of a move to the new one, moments between stays to none', () => {
  const here = move(device, { assetId: 'a', chamber: '1' }, 6);
  const there = move(here, { assetId: 'b' }, 8);
  const away = move(there, undefined, 10);
  const back = move(away, { assetId: 'a', mounting }, 12);
  expect([5, 6, 7, 8, 9, 10, 11, 12, 99].map((hour) => mountAt(back, ms(hour))?.assetId)).toEqual([
    undefined,
    'a',
    'a',
    'b',
    'b',
    undefined,
    undefined,
    'a',
    'a',
  ]);
  expect(away).toEqual({ ...device, mounts: expect.anything() });
  expect(back).toMatchObject({ assetId: 'a', mounting });
  expect(mountAt(back, ms(7))?.mounting).toBeUndefined();
});

test('a correction of the distances holds for the whole stay that lasts, and stays with it when it ends', () => {
  const corrected = { ...move(device, { assetId: 'a' }, 6), mounting };
  expect(mountAt(corrected, ms(7))?.mounting).toEqual(mounting);
  expect(mountAt(move(corrected, undefined, 8), ms(7))?.mounting).toEqual(mounting);
});

test('a move back in time is allowed as long as no other stay is touched', () => {
  const here = move(device, { assetId: 'a' }, 6);
  expect(mountAt(move(here, { assetId: 'b' }, 7), ms(7))?.assetId).toBe('b');
  expect(moved(here, { assetId: 'b' }, at(6))).toMatchObject({ ok: false, faults: [{ field: 'at' }] });
  const away = move(here, undefined, 9);
  expect(moved(away, { assetId: 'b' }, at(8))).toMatchObject({ ok: false, faults: [{ field: 'at' }] });
  expect(move(away, { assetId: 'b' }, 9).assetId).toBe('b');
});

test('the oldest stays go when there are more than are kept', () => {
  let record = device;
  for (let hour = 0; hour < MAX_MOUNTS + 10; hour += 1) record = move(record, { assetId: `a${hour}` }, hour);
  expect(record.mounts).toHaveLength(MAX_MOUNTS);
  expect(record.mounts?.at(-1)?.assetId).toBe(`a${MAX_MOUNTS + 9}`);
});

test('a status that cannot follow, or does not fit where the device hangs, is refused with the way to go', () => {
  expect(statusOf({ assetId: 'a' })).toBe('installed');
  expect(statusOf({})).toBe('in-stock');
  expect(statusOf({ status: 'retired', assetId: 'a' })).toBe('retired');
  expect(statusFaults({ from: 'in-stock', to: 'installed', mounted: true })).toEqual([]);
  expect(statusFaults({ to: 'maintenance', mounted: true })).toEqual([]);
  expect(statusFaults({ from: 'retired', to: 'installed', mounted: true })[0]?.remedy).toBe(
    'set the status to in-stock first',
  );
  expect(statusFaults({ from: 'in-stock', to: 'installed', mounted: false })[0]?.remedy).toMatch(/mount/);
  expect(statusFaults({ from: 'installed', to: 'retired', mounted: true })[0]?.remedy).toMatch(/unmount/);
});
