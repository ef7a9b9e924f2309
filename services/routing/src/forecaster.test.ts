import { expect, onTestFinished, test } from 'vitest';
import { quantityOf, type AssetInput, type Reading } from '@ronde/contracts';
import { createFakeClock, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { createForecaster } from './forecaster.ts';

const NOW = Date.UTC(2026, 0, 12);
const HOUR_MS = 3_600_000;

function fillAt(hoursAgo: number, value: number): Reading {
  const at = new Date(NOW - hoursAgo * HOUR_MS).toISOString();
  return {
    at,
    receivedAt: at,
    deviceId: 'd',
    assetId: 'bin',
    quantity: 'fill',
    value,
    unit: quantityOf('fill').unit,
    quality: 'ok',
    flags: [],
    typeVersion: 'x@1.0.0',
    uplinkId: String(hoursAgo),
  };
}

test('what is expected of an asset follows when its history is corrected', async () => {
  const readings = await openReadings('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => readings.close());
  const history = Array.from({ length: 72 }, (_, n) => fillAt(72 - n, 0.2 + n * 0.002));
  await readings.append({ tenant: 't', readings: history });
  const forecaster = createForecaster({
    readings,
    clock: createFakeClock(NOW),
    log: silentLog(),
    tenant: 't',
    timeZone: () => 'Europe/Amsterdam',
    historyDays: 30,
  });
  const asset: AssetInput = {
    id: 'bin',
    kind: 'container',
    name: 'Bin',
    geometry: { type: 'Point', coordinates: [5, 52] },
    chambers: [{ id: '1' }],
  };
  await forecaster.load([asset]);
  expect(forecaster.outlook('bin', NOW)?.fill).toBeCloseTo(0.34, 1);
  const corrected = history.map((reading) => ({ ...reading, value: reading.value! + 0.4 }));
  await readings.correct({ tenant: 't', readings: corrected, remove: [] });
  forecaster.corrected(['bin', 'nobody']);
  await forecaster.refitLate();
  expect(forecaster.outlook('bin', NOW)?.fill).toBeCloseTo(0.74, 1);
});
