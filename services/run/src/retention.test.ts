import { expect, onTestFinished, test } from 'vitest';
import { createFakeClock, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { parseRetention, startRetention } from './retention.ts';

const DAY_MS = 86_400_000;

test('a retention names quantities and whole days; anything else makes no sense', () => {
  expect(parseRetention('')).toEqual({});
  expect(parseRetention('rssi=90, snr=30')).toEqual({ rssi: 90, snr: 30 });
  for (const text of ['rssi', 'rssi=0', 'rssi=1.5', 'rssi=-1', 'nonsense=3', 'rssi=90;snr=3'])
    expect(parseRetention(text)).toBeUndefined();
});

test('readings older than their quantity is kept go as days pass, and others stay', async () => {
  const log = silentLog();
  const clock = createFakeClock(Date.UTC(2026, 0, 10, 12));
  const readings = await openReadings('sqlite::memory:', { dataDir: '', log });
  onTestFinished(() => readings.close());
  const reading = (daysAgo: number, quantity: 'rssi' | 'fill') => ({
    at: new Date(clock.nowMs() - daysAgo * DAY_MS).toISOString(),
    receivedAt: clock.iso(),
    deviceId: 'd',
    assetId: 'a',
    quantity,
    value: quantity === 'rssi' ? -80 : 0.5,
    unit: quantity === 'rssi' ? ('dB[mW]' as const) : ('1' as const),
    quality: 'ok' as const,
    flags: [],
    typeVersion: 'plain@1.0.0',
    uplinkId: '1',
  });
  const both = [9, 2, 0].flatMap((days) => [reading(days, 'rssi'), reading(days, 'fill')]);
  await readings.append({ tenant: 't', readings: both });
  const held = async (quantity: 'rssi' | 'fill') =>
    (await readings.series({ tenant: 't', quantity, fromMs: 0, toMs: 8e15, limit: 10 })).items.length;
  const retention = startRetention({ rssi: 5 }, { readings, clock, log });
  await retention.look();
  expect([await held('rssi'), await held('fill')]).toEqual([2, 3]);
  clock.advance(4 * DAY_MS);
  await retention.stop();
  expect([await held('rssi'), await held('fill')]).toEqual([1, 3]);
  expect(await readings.rollup({ tenant: 't', quantity: 'rssi', step: '1d', fromMs: 0, toMs: 8e15 })).toHaveLength(3);
});
