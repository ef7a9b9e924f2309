import { expect, test } from 'vitest';
import { isFiltered, readView, writeView } from './view.ts';

test('a view survives the address, and what belongs to others stays', () => {
  const address = '?lang=en&q=neude&area=oost&fill=high%2Cfull&silent=1&tab=rounds&sel=UT-00418&round=r1';
  const view = readView(address);
  expect(view).toMatchObject({
    search: 'neude',
    area: 'oost',
    bands: ['high', 'full'],
    isSilentOnly: true,
    tab: 'rounds',
    selected: 'UT-00418',
    round: 'r1',
  });
  expect(readView(writeView(view, address))).toEqual(view);
  expect(writeView(view, address)).toContain('lang=en');
});

test('an address without state is the plain start', () => {
  const view = readView('');
  expect(isFiltered(view)).toBe(false);
  expect(writeView(view, '')).toBe('');
});

test('nonsense in an address is left out', () => {
  expect(readView('?tab=secrets&fill=red,full')).toMatchObject({ tab: 'bins', bands: ['full'] });
});
