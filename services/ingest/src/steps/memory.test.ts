import { expect, test } from 'vitest';
import { createMemory } from './memory.ts';

function facts() {
  const stored = new Map<string, string>();
  const asked: string[] = [];
  return {
    stored,
    asked,
    meta: {
      get: async (key: string) => (asked.push(key), stored.get(key)),
      set: async (key: string, value: string) => void stored.set(key, value),
    },
  };
}

test('what a batch sets holds within it at once, and for others from its commit on, also after a restart', async () => {
  const { meta, stored } = facts();
  const memory = createMemory(meta);
  const batch = memory.begin('t');
  await batch.load(['births']);
  expect(batch.get('births')).toBeUndefined();
  batch.set('births', [1]);
  expect(batch.get('births')).toEqual([1]);
  const other = memory.begin('t');
  await other.load(['births']);
  expect(other.get('births')).toBeUndefined();
  await batch.commit();
  await batch.commit();
  expect([...stored]).toEqual([['ingest:t:births', '[1]']]);
  for (const again of [memory, createMemory(meta)]) {
    const later = again.begin('t');
    await later.load(['births']);
    expect(later.get('births')).toEqual([1]);
  }
});

test('tenants share nothing', async () => {
  const { meta } = facts();
  const memory = createMemory(meta);
  const own = memory.begin('t');
  own.set('k', 1);
  await own.commit();
  const foreign = memory.begin('u');
  await foreign.load(['k']);
  expect(foreign.get('k')).toBeUndefined();
});

test('what is only a help is not written, and a key is asked of the registry once while it is kept', async () => {
  const { meta, stored, asked } = facts();
  const memory = createMemory(meta, 2);
  for (let batch = 0; batch < 3; batch += 1) {
    const one = memory.begin('t');
    await one.load(['memory:seq', 'a']);
    one.set('memory:seq', batch);
    await one.commit();
  }
  expect([stored.size, asked]).toEqual([0, ['ingest:t:a']]);
  const full = memory.begin('t');
  await full.load(['b', 'c', 'a']);
  expect(asked).toEqual(['ingest:t:a', 'ingest:t:b', 'ingest:t:c', 'ingest:t:a']);
});
