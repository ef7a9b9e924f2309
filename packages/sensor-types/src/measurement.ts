import {
  Id,
  QUANTITY_NAMES,
  QuantityName,
  READING_FLAGS,
  ReadingFlag,
  UCUM_CODES,
  convertUnit,
  quantityOf,
  unitFromText,
} from '@ronde/contracts';
import type { Quantity, UcumCode } from '@ronde/contracts';
import { z } from 'zod';
import { Condition, QualityRules } from './conditions.ts';
import { InvalidCodes } from './invalid-codes.ts';
import { camelKeys, isRecord, knownKeys, renamedKeys, toCamel } from './known-keys.ts';
import { isPath } from './pick.ts';
import { unitInName } from './unit-in-name.ts';

const LIKE: UcumCode[] = ['mm', 'cm', 'm', '%', 'Cel', '[degF]', 'mV', 'V', 'hPa', 'Pa', 'L', 'm3', 'g', 'kg'];

/** What a state in a text or number means: 0 or 1, a number, or the reason why there is no value. */
const State = z.union([z.number(), z.boolean(), ReadingFlag, z.null()], {
  error: `is a number, true, false, or a reason: ${READING_FLAGS.join(', ')}`,
});
const Path = z.string().refine(isPath, 'is no path; write it like distance, distance.value or sensors[0].value');

/** How to make one number of many: the middle one, an end, the mean, or a percentile such as p90. */
export const Statistic = z.union([
  z.enum(['median', 'mean', 'min', 'max', 'first', 'last', 'sum', 'count']),
  z.string().regex(/^p\d{1,2}$/, 'one of median, mean, min, max, first, last, sum, count, or a percentile such as p90'),
]);
export type Statistic = z.infer<typeof Statistic>;

/** How far a device's own samples lie apart: further than `above` (decoded unit) the value is doubtful. */
const Spread = z.preprocess(
  camelKeys,
  knownKeys({
    /** Two paths, of the low and the high end; absent: the samples that `from` gives, their 10th to 90th percentile. */
    between: z.tuple([Path, Path]).optional(),
    above: z.number().min(0),
    flag: ReadingFlag.default('SCATTERED'),
  }),
);

const LineObject = knownKeys({
  /** Catalogue name; absent: the line's own key. */
  quantity: z.enum(QUANTITY_NAMES, {
    error: ({ input }) =>
      `"${String(input)}" is no quantity of the catalogue (docs/quantities.md); give one in "quantity"`,
  }),
  chamber: Id.optional(),
  /** Paths in the decoded data, of which the first present one counts; none when the quantity is derived. */
  from: z.array(Path, { error: 'give the field of the decoded data, such as distance.value' }),
  /** Holds for uplinks that meet all of these. */
  only: z.array(Condition).default([]),
  /** Unit of the decoded number; absent: the catalogue's. */
  unit: z
    .enum(UCUM_CODES, { error: ({ input }) => `"${String(input)}" is not known; write ${LIKE.join(', ')} …` })
    .optional(),
  /** How many `unit` one decoded unit is ("0.1 °C"). */
  unitFactor: z.number().default(1),
  /** Path of a text that names the unit; wins over `unit`. */
  unitFrom: Path.optional(),
  parse: z.enum(['auto', 'number', 'number-with-unit', 'wrapped']).default('auto'),
  /** What a comma or point in a text is; absent: both are read as the decimal sign where that is certain. */
  decimal: z.enum(['comma', 'point']).optional(),
  invalid: InvalidCodes.default([]),
  map: z.record(z.string(), State).optional(),
  statistic: Statistic.optional(),
  /** Of a list that gives several values: the chamber of each; a single value has none. */
  chamberFrom: Path.optional(),
  /** When each was measured: seconds or milliseconds since 1970, or an RFC 3339 text. */
  timeFrom: Path.optional(),
  spread: Spread.optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** One minus the value, for "remaining" instead of "filled"; fractions only. */
  invert: z.boolean().optional(),
  /** The decoded number is the current of a 4…20 mA loop, mA: the values at both ends, in `unit`. */
  currentLoop: z.tuple([z.number(), z.number()]).optional(),
  /** What the device can measure, in the decoded unit; outside it the value is suspect. */
  range: z.tuple([z.number(), z.number()]).optional(),
  quality: QualityRules.default([]),
  /** The value is worked out from others: `geometry` = from the distance and the mounting. */
  derive: z.literal('geometry').optional(),
  /** The device worked it out itself; a fill read from a device always is. */
  deviceComputed: z.boolean().optional(),
});

/** One line of the mapping: where a quantity stands in the decoded data and how to read it. */
export const Measurement = z.preprocess(toLine, LineObject.superRefine(checkLine));
export type Measurement = z.infer<typeof Measurement>;

const RENAMES = {
  pick: 'statistic',
  path: 'from',
  ports: 'only',
  fPorts: 'only',
  computed: 'deviceComputed',
  unitField: 'unitFrom',
};

function toLine(given: unknown): unknown {
  if (typeof given === 'string') return toLine({ from: given });
  const line = renamedKeys(given, RENAMES);
  if (!isRecord(line)) return line;
  const from = line['from'] ?? (line['derive'] === undefined ? undefined : []);
  return {
    ...line,
    ...(from !== undefined && { from: [from].flat() }),
    ...(line['only'] !== undefined && { only: toConditions(line['only']) }),
    ...(typeof line['derive'] === 'string' && { derive: line['derive'].replace(/\(.*\)$/, '') }),
    ...unitOf(line, [from].flat()),
  };
}

/** `ports: [2]` and `only: {event: level}` are short for conditions. */
function toConditions(given: unknown): unknown {
  const list: unknown[] = [given].flat();
  if (list.every((one) => typeof one === 'number')) return [{ when: '$fPort', equals: list }];
  return list.flatMap((one) => {
    if (!isRecord(one) || 'when' in one) return [one];
    return Object.entries(one).map(([when, equals]) => ({ when, equals }));
  });
}

/** Battery in volts is the quantity batteryVoltage: "battery: {from: BatV, unit: V}" is what data sheets call it. */
function unitOf(line: Record<string, unknown>, from: readonly unknown[]): Record<string, unknown> {
  const { unit = unitOfNames(line, from) } = line;
  const asked = QuantityName.safeParse(line['quantity']);
  if (typeof unit !== 'string' || !asked.success) return {};
  const quantity = asked.data === 'battery' && unitFromText(unit, 'V') ? 'batteryVoltage' : asked.data;
  const read = unitFromText(unit, quantityOf(quantity).unit);
  return read ? { quantity, unit: read.code, unitFactor: read.factor } : {};
}

/** Without a unit of its own a line takes what the names of its fields say, when they all say the same: `distance_cm`. */
function unitOfNames(line: Record<string, unknown>, from: readonly unknown[]): string | undefined {
  const asked = QuantityName.safeParse(line['quantity']);
  if (!asked.success || line['currentLoop'] !== undefined) return undefined;
  const told = from.map((path) =>
    typeof path === 'string' ? unitInName(path, quantityOf(asked.data).unit)?.fits : undefined,
  );
  const texts = new Set(told.map((unit) => unit && (unit.factor === 1 ? unit.code : `${unit.factor} ${unit.code}`)));
  return texts.size === 1 ? [...texts][0] : undefined;
}

/** Quantities that devices give as a fraction or in percent: 1 would be read as 100 %, so the line must say which. */
function isFraction(quantity: Quantity): boolean {
  const { unit, max, binary } = quantityOf(quantity);
  return unit === '1' && max === 1 && binary !== true;
}

function checkLine(line: z.infer<typeof LineObject>, context: z.RefinementCtx): void {
  const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
  const { unit } = quantityOf(line.quantity);
  if (line.from.length === 0 && line.derive === undefined) fault('from', 'give the field of the decoded data');
  const carriesUnit = line.unitFrom !== undefined || line.parse === 'number-with-unit' || line.parse === 'wrapped';
  if (line.unit !== undefined && convertUnit(1, line.unit, unit) === undefined)
    fault('unit', `"${line.unit}" is no unit of ${line.quantity}; use ${unitsLike(unit)}${loopHint(line.unit)}`);
  if (isFraction(line.quantity) && line.unit === undefined && line.derive === undefined && !carriesUnit && !line.map)
    fault('unit', `say whether ${line.quantity} comes in percent or as a fraction: unit: percent, or unit: fraction`);
  if (line.invert === true && !isFraction(line.quantity))
    fault('invert', 'only a fraction such as fill can be inverted');
}

function loopHint(unit: UcumCode): string {
  return unit === 'mA' ? ', or give the values at 4 and 20 mA: current_loop: [0, 5]' : '';
}

function unitsLike(unit: UcumCode): string {
  const like = LIKE.filter((code) => convertUnit(1, code, unit) !== undefined);
  return (like.length > 0 ? like : [unit]).join(', ');
}

const CHAMBERED = /^(.+?)\s*[/@]\s*([A-Za-z0-9][\w-]*)$/;

/**
 * Gives the mapping as lines: `battery_voltage` is batteryVoltage, `distance/left` is the distance of the chamber
 * "left", and a list of lines for one quantity gives its alternatives in order.
 */
function toLines(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const lines = Object.entries(given).flatMap(([key, value]) => {
    const alternatives = Array.isArray(value) && value.some(isRecord) ? (value as unknown[]) : [value];
    return alternatives.map((line, i) => [i === 0 ? key : `${key} (${i + 1})`, nameLine(key, line)] as const);
  });
  return Object.fromEntries(lines);
}

function nameLine(key: string, given: unknown): unknown {
  const line = typeof given === 'string' || Array.isArray(given) ? { from: given } : given;
  if (!isRecord(line)) return line;
  const [, name = key, chamber] = CHAMBERED.exec(key) ?? [];
  const quantity = QuantityName.safeParse(name).success ? name : toCamel(name);
  return { quantity, ...(chamber !== undefined && { chamber }), ...line };
}

const Lines = z.record(z.string(), Measurement);

/** The mapping: lines by quantity, or `catalogue` for values that already carry the catalogue's names. */
export const Measurements = z.unknown().transform((given, context): 'catalogue' | Record<string, Measurement> => {
  if (given === 'catalogue') return 'catalogue';
  // A union of both would only say "invalid input".
  const read = Lines.safeParse(toLines(given));
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});
