import type { Asset } from '@ronde/contracts';
import { expect, test } from 'vitest';
import { createAssetStore } from '../shared/live/asset-store.ts';
import { listBins, type Filter } from './bin-list.ts';

const ALL: Filter = { search: '', area: '', kind: '', bands: [], isSilentOnly: false };
const BY_FILL = { key: 'fill', isDescending: true };

function city() {
  const store = createAssetStore((flush) => flush());
  const asset = (id: string, fill: number | null, more: Partial<Asset> = {}): Asset => ({
    id,
    kind: 'litter-bin',
    name: `Neude ${id}`,
    geometry: { type: 'Point', coordinates: [5.1, 52.1] },
    chambers: [{ id: '1' }],
    areaId: 'oost',
    state: { fill, at: '2026-11-22T09:00:00Z', quality: 'ok', silent: false },
    ...more,
  });
  store.load([
    asset('a', 0.2),
    asset('b', 0.95, { areaId: 'west' }),
    asset('c', null),
    asset('d', 0.8, { kind: 'container', state: { fill: 0.8, at: null, quality: 'ok', silent: true } }),
    asset('e', 0.6, { geometry: { type: 'Point', coordinates: [0, 0] } }),
  ]);
  return store;
}
const ids = (store: ReturnType<typeof city>, order: Uint32Array): string =>
  Array.from(order, (index) => store.asset(index).id).join('');

test('the fullest come first and the unknown last, in either direction', () => {
  const store = city();
  expect(ids(store, listBins(store, ALL, BY_FILL).order)).toBe('bdeac');
  expect(ids(store, listBins(store, ALL, { key: 'fill', isDescending: false }).order)).toBe('aedbc');
});

test('filters work together, and counts per band ignore the band filter only', () => {
  const store = city();
  const list = listBins(store, { ...ALL, area: 'oost', bands: ['high'] }, BY_FILL);
  expect(ids(store, list.order)).toBe('d');
  expect(list.perBand).toEqual({ low: 1, medium: 1, high: 1, full: 0, unknown: 1 });
  expect([list.total, list.full, list.silent]).toEqual([5, 1, 1]);
});

test('a bin without a usable place is in the list but never on the map', () => {
  const store = city();
  const list = listBins(store, ALL, BY_FILL);
  expect(list.withoutPlace).toBe(1);
  expect(list.isShown[store.indexOf('e') as number]).toBe(0);
  expect(ids(store, list.order)).toContain('e');
});

test('search looks at name and number, whatever the case', () => {
  const store = city();
  expect(ids(store, listBins(store, { ...ALL, search: ' NEUDE B' }, BY_FILL).order)).toBe('b');
});

test('a removed bin is in no count', () => {
  const store = city();
  store.remove(['b']);
  const list = listBins(store, ALL, BY_FILL);
  expect([list.total, list.full]).toEqual([4, 0]);
});

test('only what the map shows, when asked', () => {
  const store = city();
  expect(ids(store, listBins(store, ALL, BY_FILL, (index) => index === 0).order)).toBe('a');
});
