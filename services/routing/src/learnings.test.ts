import { expect, onTestFinished, test } from 'vitest';
import type { Round, Stop } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { openRegistry } from '@ronde/registry';
import { asset, START_MS } from './fixtures.ts';
import { createLearnings } from './learnings.ts';
import { estimate } from './robust.ts';

const at = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();

test('an estimate starts at what is usual, follows what is measured, and shrugs at a tap an hour late', () => {
  expect(estimate([], 1)).toBe(1);
  expect(estimate([2], 1)).toBeCloseTo(1.2);
  const clean = Array.from({ length: 15 }, (_, index) => 1.4 + (index % 5) * 0.05);
  expect(estimate(clean, 1)).toBeGreaterThan(1.35);
  const dirty = clean.map((value, index) => (index % 5 === 0 ? 24 : value));
  expect(Math.abs(estimate(dirty, 1) - estimate(clean, 1))).toBeLessThan(0.1 * estimate(clean, 1));
});

test('what stops took and how long the way was is learned, kept over a restart, and bounded', async () => {
  const registry = await openRegistry('sqlite::memory:', { dataDir: '.', log: silentLog() });
  onTestFinished(() => registry.close());
  const learnings = createLearnings({ registry, tenant: 'default' });
  const bin = asset(1);
  const usualS = learnings.serviceS(bin);
  const stop = { seq: 1, kind: 'asset', lat: 52, lon: 5, eta: at(0), reason: 'r', status: 'done' } as const;
  const before: Stop = { ...stop, id: 's1', assetIds: ['bin-0'], endedAt: at(0) };
  for (let visit = 0; visit < 20; visit++) {
    const next: Stop = {
      ...stop,
      id: 's2',
      assetIds: ['bin-1'],
      legS: 100,
      arrivedAt: at(160),
      endedAt: at(160 + 2 * usualS),
    };
    await learnings.done({ stops: [before, next] } as unknown as Round, 's2', [bin]);
  }
  // both taps at once tell nothing
  const tapped: Stop = { ...stop, id: 's2', assetIds: ['bin-1'], arrivedAt: at(160), endedAt: at(161) };
  await learnings.done({ stops: [tapped] } as unknown as Round, 's2', [bin]);
  const again = createLearnings({ registry, tenant: 'default' });
  await again.load();
  expect(again.serviceS(bin) / usualS).toBeCloseTo((2 * 15 + 4) / 19, 6);
  expect(again.approachS('bin-1')).toBeCloseTo((60 * 15) / 19, 6);
  expect((await registry.stopLearnings.get('default', 'bin-1'))!.serviceRatios).toHaveLength(15);
});

test('a vehicle that declined an asset twice is avoided for it, and one it was moved to twice preferred, for sixty days', async () => {
  const registry = await openRegistry('sqlite::memory:', { dataDir: '.', log: silentLog() });
  onTestFinished(() => registry.close());
  const learnings = createLearnings({ registry, tenant: 'default' });
  for (const day of [0, 1]) {
    expect(learnings.avoids('truck-1', 'bin-1', START_MS)).toBe(false);
    await learnings.declined(['bin-1'], { vehicleId: 'truck-1', at: at(day * 86_400), reason: 'unsafe' });
    expect(learnings.prefers('bin-1', START_MS)).toBeUndefined();
    await learnings.moved(['bin-1'], { fromVehicleId: 'truck-1', toVehicleId: 'truck-2', at: at(day * 86_400) });
  }
  expect(learnings.avoids('truck-1', 'bin-1', START_MS)).toBe(true);
  expect(learnings.avoids('truck-2', 'bin-1', START_MS)).toBe(false);
  expect(learnings.prefers('bin-1', START_MS)).toBe('truck-2');
  expect(learnings.prefers('bin-1', START_MS + 62 * 86_400_000)).toBeUndefined();
});
