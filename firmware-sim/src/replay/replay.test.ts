import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../clock.ts';
import { readFillCsv } from './read-csv.ts';
import { replayPlaces } from './places.ts';
import { shiftToNow } from './replay-fills.ts';

describe('readFillCsv', () => {
  test('reads rows in order of time, whatever the order of columns', () => {
    const text = 'time,percent,container_id,note\n2024-04-07T05:00:00Z,18,b,x\n"2024-04-07T04:00:00+02:00",16.5,a,\n';
    expect(readFillCsv(text)).toEqual({
      ok: true,
      value: [
        { containerId: 'a', atMs: Date.UTC(2024, 3, 7, 2), fill: 0.165 },
        { containerId: 'b', atMs: Date.UTC(2024, 3, 7, 5), fill: 0.18 },
      ],
    });
  });

  test('names line, column and remedy of every fault', () => {
    const read = readFillCsv('container_id,time,percent\na b,2024-04-07T05:00:00Z,10\nc,yesterday,120\n');
    expect(read.ok ? [] : read.faults.map(({ field }) => field)).toEqual([
      'line 2, column container_id',
      'line 3, column time',
      'line 3, column percent',
    ]);
    expect(read.ok ? [] : read.faults.every(({ remedy }) => remedy !== undefined)).toBe(true);
  });

  test('refuses a file without its columns, and one without rows', () => {
    expect(readFillCsv('id,time\n1,2\n')).toMatchObject({
      ok: false,
      faults: [{ field: 'line 1, column container_id, percent' }],
    });
    expect(readFillCsv('container_id,time,percent\n')).toMatchObject({ ok: false });
  });
});

test('shiftToNow moves by whole weeks so that the newest row is at most a week old and not in the future', () => {
  const rows = [0, 3, 40].map((day) => ({ containerId: 'a', atMs: Date.UTC(2024, 0, 1) + day * DAY_MS, fill: 0 }));
  for (const nowMs of [Date.UTC(2026, 10, 23, 9), Date.UTC(2024, 1, 10), Date.UTC(2023, 0, 1)]) {
    const moved = shiftToNow(rows, nowMs);
    const ageMs = nowMs - moved.at(-1)!.atMs;
    expect(ageMs).toBeGreaterThanOrEqual(0);
    expect(ageMs).toBeLessThan(7 * DAY_MS);
    expect((moved[0]!.atMs - rows[0]!.atMs) % (7 * DAY_MS)).toBeCloseTo(0);
    expect(moved[2]!.atMs - moved[0]!.atMs).toBe(40 * DAY_MS);
  }
});

test('replayPlaces gives each container one asset and one plain device of the same id', () => {
  const rows = ['a', 'b', 'a'].map((containerId) => ({ containerId, atMs: 0, fill: 0 }));
  const { assets, devices } = replayPlaces(rows, 1);
  expect(assets.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(devices).toEqual([
    { id: 'a', typeId: 'plain', assetId: 'a', chamber: '1' },
    { id: 'b', typeId: 'plain', assetId: 'b', chamber: '1' },
  ]);
});
