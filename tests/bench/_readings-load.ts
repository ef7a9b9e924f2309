import { readFileSync } from 'node:fs';
import { quantityOf, type Quantity, type Reading } from '@ronde/contracts';
import { createRng } from '@ronde/kit';
import { sharedData } from '../shared-data.ts';

export const STEP_MS = 900_000;
export const START_MS = Date.UTC(2025, 0, 1);
const QUANTITIES: readonly Quantity[] = ['fill', 'distance', 'temperature', 'battery'];

/**
 * Simulates level sensors as the pipeline gives their readings: a report every 15 minutes within two seconds, distance in
 * millimetres, the fill worked out from it (no short decimal), temperature in tenths, uplinks numbered over all devices.
 * @returns what all devices report in one round, in the order of the uplinks
 */
export function createLevelSensors(count: number, prefix = 'dev'): (round: number) => Reading[] {
  const rng = createRng(1);
  const sensors = Array.from({ length: count }, (_, i) => {
    const depthMm = 1_200 + rng.int(600);
    return {
      id: `${prefix}-${10_000 + i}`,
      depthMm,
      mm: depthMm,
      celsius: 12,
      battery: 0.95,
      offsetMs: rng.int(STEP_MS),
    };
  });
  let uplink = 0;
  return (round) =>
    sensors.flatMap((sensor) => {
      if (rng.next() < 0.3) sensor.mm -= rng.int(12);
      if (sensor.mm < 300) sensor.mm = sensor.depthMm;
      sensor.celsius += (rng.next() - 0.5) * 0.4;
      if (rng.next() < 0.001) sensor.battery -= 0.01;
      const at = new Date(START_MS + round * STEP_MS + sensor.offsetMs + rng.int(2_000)).toISOString();
      const fill = Math.min(1, Math.max(0, 1 - (sensor.mm - 200) / (sensor.depthMm - 200)));
      const values = [
        fill,
        sensor.mm / 1_000,
        Math.round(sensor.celsius * 10) / 10,
        Math.round(sensor.battery * 100) / 100,
      ];
      const uplinkId = String(uplink++);
      return QUANTITIES.map((quantity, i) =>
        readingOf({ at, deviceId: sensor.id, quantity, value: values[i]!, uplinkId }),
      );
    });
}

/** Real fill levels of street containers, one message each; undefined when the data set is absent. */
export function realFills(): Reading[] | undefined {
  const file = sharedData('fill/prague/measurements.csv');
  if (!file) return undefined;
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
  const readings = rows.map((row) => {
    const [deviceId, time, percent] = row.split(',');
    return { deviceId: deviceId!, at: new Date(time!).toISOString(), value: Number(percent) / 100 };
  });
  // the inbox numbers what arrives
  readings.sort((a, b) => (a.at < b.at ? -1 : 1));
  return readings.map((one, i) => readingOf({ ...one, quantity: 'fill', uplinkId: String(i) }));
}

function readingOf(one: Pick<Reading, 'at' | 'deviceId' | 'quantity' | 'value' | 'uplinkId'>): Reading {
  return {
    ...one,
    receivedAt: one.at,
    assetId: one.deviceId.replace(/^\w+-/, 'bin-'),
    chamber: '1',
    unit: quantityOf(one.quantity).unit,
    quality: 'ok',
    flags: [],
    typeVersion: 'milesight-em310-udl@1.0.0',
  };
}
