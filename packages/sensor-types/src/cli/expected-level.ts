import { convertUnit, unitFromText } from '@ronde/contracts';
import type { Quantity, UcumCode } from '@ronde/contracts';
import { isRecord } from '../known-keys.ts';
import { parseQuantity } from '../parse-quantity.ts';

/** A level that a decoder's own output tells of, by its name alone. */
export interface ExpectedLevel {
  /** Name in the decoded data, for people. */
  name: string;
  /** What it can be: "level" is a distance with one vendor, a height or a filling with another. */
  quantities: Quantity[];
  raw: unknown;
  /** Unit that name, text or neighbour tells; undefined when only the manifest can. */
  unit: UcumCode | undefined;
  /** Says how much is left, not how much is in. */
  inverted: boolean;
  /** Doubtful whether it is a level at all. */
  vague: boolean;
}

/** Words of names that set something or bound it, and so are no measurement. */
const SETTINGS =
  /^(threshold|thresholds|max|min|maximum|minimum|alarm|alarms|change|interval|offset|setting|config|limit|dead|deadzone|blind|zone|range|delay|mode|type|enable|enabled|status|count|counter|flag|error|errorcode|trigger|set|get|report|calibration|unit|units|sensitivity|hysteresis|p10|p25|p75|p90|10th|25th|75th|90th|percentile|deviation|std|stddev|variance|signal|strength|battery|bat|batt|power|voltage|sound|noise|radio|tx|light|previous|last|target|motor|motion|temperature|temp)$/;
const KINDS: { word: RegExp; quantities: Quantity[]; inverted?: boolean; vague?: boolean }[] = [
  { word: /^(distance\d*|dist|dis\d*|proxx|ullage|airgap|lidar|ultrasonic)$/, quantities: ['distance'] },
  { word: /^(remaining|remain|free|available)$/, quantities: ['fill'], inverted: true },
  {
    word: /^(fill|filling|filled|fillinglvl|filllevel|fillrate|fullness|occupancyrate|fillpercentage)$/,
    quantities: ['fill'],
  },
  { word: /^(level|lvl|levelpercentage)$/, quantities: ['distance', 'waterLevel', 'fill'] },
  { word: /^(depth|height|tank|content|usage|liquid|fluid|air|gap|echo|radar|full)$/, quantities: [], vague: true },
];
const NAMED_UNITS: Record<string, UcumCode> = {
  mm: 'mm',
  cm: 'cm',
  dm: 'dm',
  m: 'm',
  meter: 'm',
  metre: 'm',
  inch: 'mm',
  percent: '%',
  percentage: '%',
  pct: '%',
  levelpercentage: '%',
  fillpercentage: '%',
};
/** Facts of data sheets that neither name nor number tells; they win over the manifest, so that its unit is tested. */
const FACTS: { device?: RegExp; name: RegExp; unit: UcumCode; quantities?: Quantity[]; inverted?: boolean }[] = [
  // Dragino LLDS12 manual 2.3.3; Pepperl+Fuchs WILSEN: the value without "_mm"
  { name: /^(lidar_?distance|proxx)$/i, unit: 'cm' },
  { device: /teneo/i, name: /^distance$/i, unit: 'cm' },
  { device: /em500-swl/i, name: /^(level|depth|water_?level)$/i, unit: 'cm', quantities: ['waterLevel'] },
  // The repository's own words for NOAH's example: "4% remaining in trashbin".
  { device: /noah/i, name: /^level$/i, unit: '%', quantities: ['fill'], inverted: true },
];
const WATER: Quantity[] = ['waterLevel'];
const MAX_DEPTH = 4;

/**
 * Finds every distance or fill in decoded data by its name, as a reader without the manifest would.
 * @param device names of the device, for what its data sheet says of a name
 */
export function expectedLevels(data: unknown, device = ''): ExpectedLevel[] {
  return leavesOf(data, [], 0).flatMap(({ path, raw, unit }) => {
    const own = path.at(-1) ?? '';
    const words = wordsOf(own);
    if (words.some((word) => SETTINGS.test(word)) || typeof raw === 'boolean') return [];
    const kind = KINDS.find(({ word }) => path.flatMap(wordsOf).some((one) => word.test(one)));
    if (!kind) return [];
    const fact = FACTS.find((one) => one.name.test(own) && (one.device?.test(device) ?? true));
    const told = unit ?? words.map((word) => NAMED_UNITS[word]).find((one) => one !== undefined) ?? fact?.unit;
    const quantities = fact?.quantities ?? (words.includes('water') ? WATER : fitting(kind.quantities, told));
    const { inverted = kind.inverted ?? false } = fact ?? {};
    return [{ name: path.join('.'), quantities, raw, unit: told, inverted, vague: kind.vague ?? false }];
  });
}

/** A level in percent is a filling, one in millimetres is not. */
function fitting(quantities: Quantity[], unit: UcumCode | undefined): Quantity[] {
  if (unit === undefined) return quantities;
  return quantities.filter((quantity) => (quantity === 'fill') === (convertUnit(1, unit, '1') !== undefined));
}

interface Leaf {
  path: string[];
  raw: unknown;
  unit: UcumCode | undefined;
}

function leavesOf(data: unknown, path: string[], depth: number): Leaf[] {
  if (Array.isArray(data)) {
    const items: unknown[] = data;
    return items.flatMap((one) => leavesOf(one, path, depth + 1));
  }
  if (!isRecord(data) || depth > MAX_DEPTH) return data === undefined ? [] : [{ path, raw: data, unit: unitIn(data) }];
  if ('value' in data && !isRecord(data['value'])) {
    const label = data['label'] ?? data['name'] ?? data['type'] ?? data['measurement'];
    const own = typeof label === 'string' ? [...path, label] : path;
    return [{ path: own, raw: data['value'], unit: unitOf(data['unit'] ?? data['units']) ?? unitIn(data['value']) }];
  }
  const common = unitOf(data['unit'] ?? data['distance_unit'] ?? data['distanceUnit']);
  return Object.entries(data).flatMap(([key, value]) =>
    leavesOf(value, [...path, key], depth + 1).map((leaf) => ({ ...leaf, unit: leaf.unit ?? common })),
  );
}

function unitOf(written: unknown): UcumCode | undefined {
  return typeof written === 'string' ? unitFromText(written)?.code : undefined;
}

/** "2799 mm" names its unit behind the number. */
function unitIn(raw: unknown): UcumCode | undefined {
  const [, written] = typeof raw === 'string' ? (/^[\s+\-\d.,]+\s*(\D+)$/.exec(raw) ?? []) : [];
  return unitOf(written);
}

/** `distance1_cm`, `fillLevel`, `Lidar_distance` → words in lower case; `distance1` is also `distance`. */
function wordsOf(name: string): string[] {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.flatMap((word) => [word, ...(/^[a-z]+(?=\d+$)/.exec(word) ?? [])]);
}

/** What a level's number is in a quantity's own unit, read with the given form where it tells no unit itself. */
export function valueOf(
  level: ExpectedLevel,
  quantity: Quantity,
  form: { unit: UcumCode; scale: number; offset: number },
): number | undefined {
  const like: UcumCode = quantity === 'fill' ? '1' : 'm';
  const read = parseQuantity(level.raw, { unit: level.unit ?? form.unit, like });
  if (!read.ok) return undefined;
  const number = level.unit === undefined ? read.value * form.scale + form.offset : read.value * read.factor;
  const value = convertUnit(number, read.unit, like);
  return value === undefined || !level.inverted ? value : 1 - value;
}
