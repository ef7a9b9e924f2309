import { expect, test } from 'vitest';
import type { Reading } from '@ronde/contracts';
import { createRng, type Rng } from '@ronde/kit';
import { HOUR_MS, T0, allPages, testReading, type Opened } from './conformance-fixtures.ts';
import type { ReadingsStore } from './port.ts';

/** The property behind late, repeated and mixed-up data: only what was measured counts, never when or how it came. */
export function describeOrder(opened: Opened): void {
  test('any order and any batches with duplicates give the same store', async () => {
    const store = await opened();
    for (let seed = 1; seed <= 8; seed++) {
      const rng = createRng(seed);
      const readings = someReadings(rng);
      await store.append({ tenant: `in-order-${seed}`, readings });
      const arrivals = shuffle([...readings, ...readings.filter(() => rng.next() < 0.4)], rng);
      const mixed = split(arrivals, rng).map((batch) => store.append({ tenant: `mixed-${seed}`, readings: batch }));
      const stored = (await Promise.all(mixed)).flatMap((result) => result.stored).filter(Boolean).length;
      expect(stored).toBe(readings.length);
      const expected = byHand(readings);
      expect(await everything(store, `in-order-${seed}`)).toEqual(expected);
      expect(await everything(store, `mixed-${seed}`)).toEqual(expected);
    }
  });
}

function someReadings(rng: Rng): Reading[] {
  const found = new Map<string, Reading>();
  for (let i = 0; i < 300; i++) {
    const device = rng.pick(['d1', 'd2', 'd3', 'crew-v']);
    const assetId = rng.pick(['a', 'a', 'b', null]);
    const quality = rng.pick(['ok', 'ok', 'suspect', 'invalid'] as const);
    const minutes = rng.int(400);
    const reading = testReading(minutes, rng.next(), {
      deviceId: device,
      assetId,
      chamber: rng.pick(['1', '2']),
      quality,
    });
    found.set(`${device} ${reading.chamber} ${minutes}`, reading);
  }
  return [...found.values()];
}

function shuffle<T>(items: T[], rng: Rng): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

function split<T>(items: T[], rng: Rng): T[][] {
  const batches: T[][] = [];
  for (let from = 0; from < items.length;) {
    const size = 1 + rng.int(90);
    batches.push(items.slice(from, from + size));
    from += size;
  }
  return batches;
}

const textOf = (r: Reading): string => JSON.stringify([r.at, r.deviceId, r.assetId, r.chamber, r.quality, r.value]);
const sorted = (readings: Reading[]): string[] => readings.map(textOf).sort();

interface Everything {
  series: string[];
  last: string[];
  hours: unknown[];
  days: unknown[];
}

async function everything(store: ReadingsStore, tenant: string): Promise<Everything> {
  const rollup = (step: '1h' | '1d') =>
    store.rollup({ tenant, assetId: 'a', quantity: 'fill', step, fromMs: 0, toMs: T0 * 2 });
  const rounded = (points: Awaited<ReturnType<typeof rollup>>) =>
    points.map((p) => ({ ...p, mean: p.mean.toFixed(12) }));
  const last = sorted(await store.lastValues({ tenant }));
  return {
    series: sorted(await allPages(store, { tenant, limit: 37 })),
    last,
    hours: rounded(await rollup('1h')),
    days: rounded(await rollup('1d')),
  };
}

/** The same answers worked out in the plainest way from the readings alone. */
function byHand(readings: Reading[]): Everything {
  const valid = readings.filter((r) => r.quality !== 'invalid');
  const last = new Map<string, Reading>();
  for (const r of valid) {
    const channel = `${r.assetId ?? r.deviceId} ${r.assetId} ${r.chamber}`;
    const before = last.get(channel);
    if (!before || r.at > before.at || (r.at === before.at && r.deviceId > before.deviceId)) last.set(channel, r);
  }
  const ofA = valid.filter((r) => r.assetId === 'a');
  return {
    series: sorted(readings),
    last: sorted([...last.values()]),
    hours: steps(ofA, HOUR_MS),
    days: steps(ofA, 24 * HOUR_MS),
  };
}

function steps(readings: Reading[], stepMs: number): unknown[] {
  const groups = Map.groupBy(readings, (r) => Math.floor(Date.parse(r.at) / stepMs) * stepMs);
  return [...groups.keys()]
    .sort((a, b) => a - b)
    .map((from) => {
      const values = groups.get(from)!.map((r) => r.value!);
      const mean = (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(12);
      return {
        from: new Date(from).toISOString(),
        min: Math.min(...values),
        max: Math.max(...values),
        mean,
        count: values.length,
      };
    });
}
