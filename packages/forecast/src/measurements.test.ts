import { expect, test } from 'vitest';
import { parseMeasurements } from './measurements.ts';

test('columns may stand in any order, with quotes, other columns and a byte order mark', () => {
  const text =
    '\uFEFFpercent,note,time,container_id\r\n16,"a, b",2024-04-07T02:35:54Z,"c""1"\r\n\r\n18.5,,2024-04-07T04:35:54+02:00,c2\r\n';
  expect(parseMeasurements(text)).toEqual({
    ok: true,
    value: [
      { containerId: 'c"1', atMs: Date.UTC(2024, 3, 7, 2, 35, 54), percent: 16 },
      { containerId: 'c2', atMs: Date.UTC(2024, 3, 7, 2, 35, 54), percent: 18.5 },
    ],
  });
});

test('a time without an offset is UTC', () => {
  const parsed = parseMeasurements('container_id,time,percent\na,2024-04-07 02:35,1\n');
  expect(parsed).toEqual({ ok: true, value: [{ containerId: 'a', atMs: Date.UTC(2024, 3, 7, 2, 35), percent: 1 }] });
});

test('every fault names its line and column, all at once', () => {
  const parsed = parseMeasurements(
    'container_id,time,percent\na,yesterday,12\n,2024-04-07T02:35:54Z,120\nb,2024-04-07T02:35:54Z,\n',
  );
  expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.field)).toEqual([
    'line 2, column time',
    'line 3, column container_id',
    'line 3, column percent',
    'line 4, column percent',
  ]);
});

test('missing columns and a file without rows are faults', () => {
  const header = parseMeasurements('id,when\n1,2\n');
  expect(header.ok ? [] : header.faults.map((fault) => fault.field)).toEqual([
    'line 1, column container_id',
    'line 1, column time',
    'line 1, column percent',
  ]);
  expect(parseMeasurements('container_id,time,percent\n').ok).toBe(false);
  expect(parseMeasurements('').ok).toBe(false);
});

test('a file full of faults stops at about a hundred', () => {
  const parsed = parseMeasurements(`container_id,time,percent\n${'x,y,z\n'.repeat(5000)}`);
  expect(parsed.ok ? 0 : parsed.faults.length).toBeLessThanOrEqual(101);
});
