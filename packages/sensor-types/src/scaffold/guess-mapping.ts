import { isQuantity } from '@ronde/contracts';
import type { Quantity } from '@ronde/contracts';
import { expectedLevels } from '../cli/expected-level.ts';
import { isRecord, toCamel } from '../known-keys.ts';

/** A line of a mapping that a name suggests; a person must check it, its unit above all. */
export interface GuessedLine {
  quantity: Quantity;
  from: string;
  unit?: string;
  invert?: true;
}

/** What decoders call things that are not levels. */
const NAMES: [RegExp, Quantity, string?][] = [
  [/^(temp|temperature|air_?temp(erature)?|temp_?c(_\w+)?|sensor_?temp(erature)?)$/i, 'temperature', '°C'],
  [/^(hum|humidity|rel(ative)?_?humidity|rh)$/i, 'humidity', '%'],
  [/^(pressure|baro(meter)?|air_?pressure)$/i, 'pressure', 'hPa'],
  [/^(tilt|tilted|position)$/i, 'tilt'],
  [/^(lid|lid_?open)$/i, 'lidOpen'],
  [/^(door|door_?open)$/i, 'doorOpen'],
  [/^(occupied|occupancy|presence)$/i, 'occupancy'],
  [/^(full|full_?alarm)$/i, 'fullAlarm'],
  [/^(fire|fire_?alarm)$/i, 'fireAlarm'],
  [/^(co2|co2_?ppm)$/i, 'co2', 'ppm'],
  [/^(lux|light|illuminance)$/i, 'illuminance', 'lx'],
];
const BATTERY = /^(v?bat(t|tery)?(_?v(ol(t(age)?)?)?)?|battery_?(voltage|level)|volt)$/i;

/** Guesses the mapping of decoded data by the names of its fields: a start for a manifest, never more. */
export function guessMapping(data: Record<string, unknown>): GuessedLine[] {
  const levels = expectedLevels(data).flatMap(({ name, quantities, unit, inverted, vague }): GuessedLine[] => {
    const quantity = quantities[0];
    if (vague || quantity === undefined) return [];
    const assumed = quantity === 'fill' ? '%' : 'mm';
    return [{ quantity, from: name, unit: unit ?? assumed, ...(inverted && { invert: true as const }) }];
  });
  const others = leavesOf(data, '').flatMap(({ path, name, raw }) => guessOther(path, name, raw) ?? []);
  return [...levels, ...others].filter(
    (line, i, all) => all.findIndex(({ quantity }) => quantity === line.quantity) === i,
  );
}

function guessOther(from: string, name: string, raw: unknown): GuessedLine | undefined {
  if (BATTERY.test(name)) return guessBattery(from, name, raw);
  const [, quantity, unit] = NAMES.find(([pattern]) => pattern.test(name)) ?? [];
  if (quantity) return { quantity, from, ...(unit !== undefined && { unit }) };
  const own = toCamel(name);
  return isQuantity(own) && own !== 'fill' && own !== 'distance' ? { quantity: own, from } : undefined;
}

/** Above 100 it counts millivolts, a number with decimals or a name with "volt" is in volts, the rest in percent. */
function guessBattery(from: string, name: string, raw: unknown): GuessedLine | undefined {
  const value = Number.parseFloat(String(isRecord(raw) ? raw['value'] : raw));
  if (typeof raw === 'boolean') return { quantity: 'batteryLow', from };
  if (!Number.isFinite(value)) return undefined;
  if (value > 100) return { quantity: 'batteryVoltage', from, unit: 'mV' };
  const isVoltage = /v/i.test(name.replace(/level/i, '')) || !Number.isInteger(value);
  return isVoltage ? { quantity: 'batteryVoltage', from, unit: 'V' } : { quantity: 'battery', from, unit: '%' };
}

function leavesOf(data: unknown, prefix: string): { path: string; name: string; raw: unknown }[] {
  if (!isRecord(data)) return [];
  return Object.entries(data).flatMap(([name, raw]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return isRecord(raw) && !('value' in raw) ? leavesOf(raw, path) : [{ path, name, raw }];
  });
}
