import { quantityOf } from '@ronde/contracts';
import type { Value } from './model.ts';

/** Codes of the catalogue's units in the SenML registry (RFC 8428, section 12.1), where they differ. */
const UNITS: Record<string, string> = { '1': '/', '[ppm]': 'ppm', 'dB[mW]': 'dBm', 'dB[SPL]': 'dB', 'ug/m3': 'ug/m3' };
/** Units that the registry does not have are left out: the name says what it is. */
const KNOWN = new Set([
  '/',
  'm',
  'Cel',
  'V',
  'kg',
  'm3',
  'lx',
  'ppm',
  'dBm',
  'dB',
  'deg',
  'Pa',
  'm/s',
  'W',
  'A',
  'W/m2',
  '%',
]);

/** Writes values as SenML records without base fields; null stays out, since SenML has no word for it. */
export function senmlRecords(values: readonly Value[]): { n: string; u?: string; v: number }[] {
  return values.flatMap(([quantity, value]) => {
    if (value === null) return [];
    const { unit, binary } = quantityOf(quantity);
    const u = UNITS[unit] ?? unit;
    return [{ n: quantity, ...(!binary && KNOWN.has(u) && u !== 'dB' && { u }), v: value }];
  });
}
