import type { UcumCode } from '@ronde/contracts';
import type { PlainValue } from './normalise.ts';
import { pick } from './pick.ts';

/**
 * The normalised payload of The Things Stack: path, our quantity, the unit it is given in.
 * Source: The Things Stack documentation, "Payload formatters: normalized payload".
 */
const LINES: [path: string, quantity: string, unit: UcumCode][] = [
  ['battery', 'batteryVoltage', 'V'],
  ['air.temperature', 'temperature', 'Cel'],
  ['air.relativeHumidity', 'humidity', '%'],
  ['air.pressure', 'pressure', 'hPa'],
  ['air.co2', 'co2', '[ppm]'],
  ['air.lightIntensity', 'illuminance', 'lx'],
  ['soil.moisture', 'soilMoisture', '%'],
  ['soil.temperature', 'soilTemperature', 'Cel'],
  ['soil.ec', 'soilConductivity', 'mS/cm'],
  ['soil.pH', 'ph', '[pH]'],
  ['wind.speed', 'windSpeed', 'm/s'],
  ['wind.direction', 'windDirection', 'deg'],
  ['rain.intensity', 'rainRate', 'mm/h'],
  ['rain.cumulative', 'rainfall', 'mm'],
  ['water.leak', 'waterLeak', '1'],
  ['water.temperature.current', 'waterTemperature', 'Cel'],
  ['water.temperature.avg', 'waterTemperature', 'Cel'],
  ['metering.water.total', 'volume', 'L'],
  ['action.motion.detected', 'motion', '1'],
  ['action.contactState', 'doorOpen', '1'],
  ['position.latitude', 'latitude', 'deg'],
  ['position.longitude', 'longitude', 'deg'],
];
const STATES = new Map<unknown, number>([
  [true, 1],
  [false, 0],
  ['open', 1],
  ['closed', 0],
]);

/** Reads measurements of `normalizeUplink` by the catalogue's names: of a log of several, the newest of each. */
export function fromNormalized(measurements: readonly Record<string, unknown>[]): PlainValue[] {
  const timeOf = (one: Record<string, unknown>) => Date.parse(String(one['time'])) || Infinity;
  const newestFirst = measurements.toSorted((a, b) => timeOf(b) - timeOf(a) || 0);
  const found = new Map<string, PlainValue>();
  for (const measurement of newestFirst)
    for (const [path, quantity, unit] of LINES) {
      const value = pick(measurement, path);
      if (value === undefined || found.has(quantity)) continue;
      found.set(quantity, { quantity, value: STATES.get(value) ?? value, unit });
    }
  return [...found.values()];
}
