import { expect, onTestFinished, test } from 'vitest';
import { quantityOf, type Reading } from '@ronde/contracts';
import { createRng, silentLog, type Rng } from '@ronde/kit';
import { openReadings, type ReadingsStore } from '@ronde/readings';
import type { Change } from './diff-page.ts';
import { createIncidentSpans } from './incident-spans.ts';
import { createLevelTwin } from './level-twin.ts';

const T0 = Date.UTC(2026, 0, 5);
const MINUTE_MS = 60_000;
const ASSETS = ['a', 'b', 'c'];

async function emptyStore(): Promise<ReadingsStore> {
  const store = await openReadings('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => store.close());
  return store;
}

function fillOf(assetId: string, minute: number, more: Partial<Reading> & { lateMinutes?: number } = {}): Reading {
  const { lateMinutes = 0, ...rest } = more;
  return {
    at: new Date(T0 + minute * MINUTE_MS).toISOString(),
    receivedAt: new Date(T0 + (minute + lateMinutes) * MINUTE_MS).toISOString(),
    deviceId: `sensor-${assetId}`,
    assetId,
    quantity: 'fill',
    value: 0.5,
    unit: quantityOf('fill').unit,
    quality: 'ok',
    flags: [],
    typeVersion: 'x@1.0.0',
    uplinkId: String(minute),
    ...rest,
  };
}

/** Readings of sensors and crews, some late, and what a replay makes of the sensors' ones. */
function scene(rng: Rng): { stored: Reading[]; changes: Change[] } {
  const stored: Reading[] = [];
  const changes: Change[] = [];
  for (const assetId of ASSETS) {
    for (let minute = -60; minute < 1_000; minute += 1 + rng.int(20)) {
      if (rng.next() < 0.05) {
        stored.push(
          fillOf(assetId, minute, { deviceId: 'crew-v', value: 0, flags: ['CREW_EMPTIED'], uplinkId: `e${minute}` }),
        );
        continue;
      }
      const lateMinutes = rng.next() < 0.1 ? rng.int(300) : 0;
      const was = fillOf(assetId, minute, { value: rng.next() < 0.3 ? 0.97 : rng.next(), lateMinutes });
      const dice = rng.next();
      const now = dice < 0.2 ? null : { ...was, value: rng.next() < 0.3 ? 0.99 : rng.next() };
      if (dice > 0.9 && minute >= 0) {
        changes.push({ was: null, now: now! });
        continue;
      }
      stored.push(was);
      if (dice < 0.5 && minute >= 0) changes.push({ was, now });
    }
  }
  const receipt = ({ was, now }: Change): number => Date.parse((now ?? was)!.receivedAt);
  return { stored, changes: changes.sort((a, b) => receipt(a) - receipt(b)) };
}

async function played(store: ReadingsStore, changes: readonly Change[], settleEvery: number) {
  const spans = createIncidentSpans();
  const twin = createLevelTwin({ readings: store, tenant: 't', fromMs: T0, spans });
  for (const [index, change] of changes.entries()) {
    twin.note([change]);
    if (index % settleEvery === settleEvery - 1) await twin.settle(Date.parse((change.now ?? change.was)!.receivedAt));
  }
  const endMs = T0 + 1_500 * MINUTE_MS;
  await twin.settle(endMs);
  expect(twin.waiting()).toBe(0);
  return { incidents: spans.diff(0), hours: ASSETS.map((assetId) => twin.fullHours(assetId)) };
}

test('incidents and full hours are the same however often the play is settled', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { stored, changes } = scene(createRng(seed));
    const store = await emptyStore();
    await store.append({ tenant: 't', readings: stored });
    const once = await played(store, changes, Infinity);
    expect(once.incidents.before + once.incidents.after).toBeGreaterThan(10);
    for (const every of [1, 7, 40]) expect(await played(store, changes, every)).toEqual(once);
  }
});

test('what would open after a replay is what opens over the store that it leaves', async () => {
  for (const seed of [11, 12, 13]) {
    const { stored, changes } = scene(createRng(seed));
    const [before, after] = [await emptyStore(), await emptyStore()];
    await before.append({ tenant: 't', readings: stored });
    await after.append({ tenant: 't', readings: stored });
    await after.correct({
      tenant: 't',
      readings: changes.flatMap(({ now }) => now ?? []),
      remove: changes.flatMap(({ was, now }) => (now === null ? [was!] : [])),
    });
    const dry = await played(before, changes, 10);
    // a change that says what is stored plays the corrected store on both sides
    const touched = changes.map(({ now, was }): Change => ({ was: (now ?? was)!, now: (now ?? was)! }));
    const real = await played(
      after,
      touched.filter(({ now }) => changes.some((one) => one.now === now)),
      10,
    );
    expect(real.hours.map((hours) => hours.before)).toEqual(dry.hours.map((hours) => hours.after));
    expect(real.incidents.before).toBe(dry.incidents.after);
  }
});
