import { convertUnit } from '@ronde/contracts';
import type { UcumCode } from '@ronde/contracts';
import { parseQuantity } from '../parse-quantity.ts';

/** The distance (metres) or fill (0…1) that a decoder's own output tells of; value null = it says there is none. */
export interface ExpectedLevel {
  quantity: 'distance' | 'fill';
  value: number | null;
}

interface Name {
  pattern: RegExp;
  /** Only of these devices: the same word has another unit there. */
  device?: RegExp;
  quantity: 'distance' | 'fill';
  unit: UcumCode;
  inverted?: boolean;
}

/** How the device repository's decoders name a level, most telling first. */
const NAMES: Name[] = [
  // Dragino LLDS12 manual 2.3.3, Teneo and EM500-SWL data sheets: centimetres
  { pattern: /^lidar_?distance$/i, quantity: 'distance', unit: 'cm' },
  { pattern: /^distance$/i, device: /teneo/i, quantity: 'distance', unit: 'cm' },
  { pattern: /^(level|depth)$/i, device: /em500-swl/i, quantity: 'distance', unit: 'cm' },
  // the repository's own words for NOAH's example: "4% remaining in trashbin"
  { pattern: /^level$/i, device: /noah/i, quantity: 'fill', unit: '%', inverted: true },
  { pattern: /^distance(_?mm)?$/i, quantity: 'distance', unit: 'mm' },
  { pattern: /^distance_?median$/i, quantity: 'distance', unit: 'mm' },
  { pattern: /^distance_?average$/i, quantity: 'distance', unit: 'mm' },
  { pattern: /^distance1?_?cm$/i, quantity: 'distance', unit: 'cm' },
  { pattern: /^distance_?m$/i, quantity: 'distance', unit: 'm' },
  { pattern: /^distance1$/i, quantity: 'distance', unit: 'mm' },
  { pattern: /^proxx_mm$/i, quantity: 'distance', unit: 'mm' },
  { pattern: /^proxx$/i, quantity: 'distance', unit: 'cm' },
  { pattern: /^(level|depth)$/i, quantity: 'distance', unit: 'mm' },
  { pattern: /^remaining$/i, quantity: 'fill', unit: '%', inverted: true },
  { pattern: /^(fill(ing)?_?(level|lvl|degree)?|level_?percentage)$/i, quantity: 'fill', unit: '%' },
];

/** Finds the distance or fill in decoded data by its name; undefined when it has none. @param device names of the device */
export function expectedLevel(data: unknown, device: string): ExpectedLevel | undefined {
  if (data === null || typeof data !== 'object') return undefined;
  for (const name of NAMES) {
    if (name.device && !name.device.test(device)) continue;
    const entry = Object.entries(data).find(([key]) => name.pattern.test(key));
    if (entry) return readLevel(name, entry[1]);
  }
  return undefined;
}

function readLevel(name: Name, raw: unknown): ExpectedLevel {
  const { quantity } = name;
  const wrapped =
    raw !== null && typeof raw === 'object' ? (raw as { value?: unknown; unit?: unknown }) : { value: raw };
  const text = wrapped.unit === undefined ? wrapped.value : `${String(wrapped.value)} ${String(wrapped.unit)}`;
  const like = quantity === 'distance' ? 'm' : '1';
  const read = parseQuantity(text, { unit: name.unit, like });
  if (!read.ok) return { quantity, value: null };
  const value = convertUnit(read.value * read.factor, read.unit, like);
  if (value === undefined) return { quantity, value: null };
  return { quantity, value: name.inverted ? 1 - value : value };
}
