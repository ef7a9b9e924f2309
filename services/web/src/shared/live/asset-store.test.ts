import type { Asset } from '@ronde/contracts';
import { effect } from '@preact/signals';
import { expect, test } from 'vitest';
import { createAssetStore } from './asset-store.ts';

const AT = '2026-11-22T09:00:00.000Z';
const AT_MS = Date.parse(AT);

function asset(id: string, fill: number | null = null, at: string | null = null): Asset {
  return {
    id,
    kind: 'litter-bin',
    name: `Bin ${id}`,
    geometry: { type: 'Point', coordinates: [5, 52] },
    chambers: [{ id: '1' }],
    state: { fill, at, quality: fill === null ? null : 'ok', silent: false },
  };
}

function storeWithHeldFlush() {
  const pending: (() => void)[] = [];
  const store = createAssetStore((flush) => pending.push(flush));
  return { store, flush: () => pending.splice(0).forEach((run) => run()), pending };
}

test('a loaded asset has the state of its document', () => {
  const store = createAssetStore((flush) => flush());
  store.load([asset('a', 0.5, AT)]);
  expect(store.row(0)).toMatchObject({ fill: 0.5, atMs: AT_MS, quality: 'ok', silent: false });
});

test('a live value that came before its document is kept', () => {
  const store = createAssetStore((flush) => flush());
  store.apply([['a', 0.75, AT_MS + 1000, 'ok', 1]]);
  expect(store.missing()).toEqual(['a']);
  store.load([asset('a', 0.5, AT)]);
  expect(store.row(0)).toMatchObject({ fill: 0.75, silent: true });
  expect(store.missing()).toEqual([]);
});

test('a page read late does not overwrite a newer live value', () => {
  const store = createAssetStore((flush) => flush());
  store.load([asset('a', 0.25, AT)]);
  store.apply([['a', 0.75, AT_MS + 60_000, 'ok', 0]]);
  store.load([asset('a', 0.25, AT)]);
  expect(store.row(0).fill).toBe(0.75);
});

test('an unknown fill is null in a row and NaN in the column', () => {
  const store = createAssetStore((flush) => flush());
  store.load([asset('a')]);
  expect(store.row(0).fill).toBeNull();
  expect(store.fill()[0]).toBeNaN();
});

test('many changes make one flush with each index once', () => {
  const { store, flush, pending } = storeWithHeldFlush();
  store.load([asset('a'), asset('b')]);
  flush();
  const heard: (readonly number[])[] = [];
  store.onChange((indexes) => heard.push(indexes));
  store.apply([
    ['a', 0.1, AT_MS, 'ok', 0],
    ['a', 0.2, AT_MS + 1, 'ok', 0],
    ['b', 0.3, AT_MS, 'ok', 0],
  ]);
  expect(pending).toHaveLength(1);
  flush();
  expect(heard).toEqual([[0, 1]]);
});

test('a change tells only those who watch that row', () => {
  const { store, flush } = storeWithHeldFlush();
  store.load([asset('a'), asset('b')]);
  flush();
  const draws = { a: 0, b: 0 };
  const stops = [
    effect(() => void (store.watch(0).value, (draws.a += 1))),
    effect(() => void (store.watch(1).value, (draws.b += 1))),
  ];
  store.apply([['b', 0.9, AT_MS, 'ok', 0]]);
  flush();
  stops.forEach((stop) => stop());
  expect(draws).toEqual({ a: 1, b: 2 });
});

test('columns grow past their first size without losing values', () => {
  const store = createAssetStore((flush) => flush());
  store.load(Array.from({ length: 3000 }, (_, i) => asset(`a${i}`, (i % 100) / 100, AT)));
  expect(store.count()).toBe(3000);
  expect(store.row(1023).fill).toBeCloseTo(0.23);
  expect(store.row(2999).fill).toBeCloseTo(0.99);
});

test('a removed asset is gone, and its index is given to nobody else', () => {
  const store = createAssetStore((flush) => flush());
  store.load([asset('a'), asset('b')]);
  store.remove(['a', 'never-seen']);
  store.load([asset('c')]);
  expect(store.isGone(0)).toBe(true);
  expect(store.indexOf('c')).toBe(2);
  store.load([asset('a')]);
  expect(store.isGone(0)).toBe(false);
});
