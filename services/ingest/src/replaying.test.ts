import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { NOW, TENANT, openWorld } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

test('while frames from before the start wait the process is not ready, and it is once they are handled', async () => {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const world = await openWorld({
    types,
    wrapReadings: (store) => ({
      ...store,
      async append(batch) {
        await held;
        return store.append(batch);
      },
    }),
  });
  await world.addDevice('bin-1');
  await Promise.all(
    Array.from({ length: 1_200 }, (_, i) => world.send({ fill: 0.5, at: new Date(NOW - i * 1_000).toISOString() })),
  );
  await world.start();
  const report = world.health.report();
  expect(report).toMatchObject({ ready: false, status: 'not-ready' });
  expect(report.parts['ingest']!.detail).toBe('1200 frames from before the start are not handled yet');
  expect(await world.metrics.getSingleMetricAsString('ronde_ingest_lag_frames')).toContain(
    'ronde_ingest_lag_frames 1200',
  );
  letGo();
  await world.settled();
  expect(world.health.report()).toMatchObject({ ready: true, status: 'ok' });
  await vi.waitFor(async () => expect((await world.stored()).length).toBe(1_200), { timeout: 20_000 });
  expect(await world.registry.deadLetters.count(TENANT)).toBe(0);
});
