import {
  Id,
  QUANTITY_NAMES,
  convertUnit,
  isQuantity,
  quantityOf,
  type Fault,
  type UcumCode,
  type UplinkValue,
} from '@ronde/contracts';
import { fault } from './parsed.ts';

/** A value under a catalogue name, as a sender wrote it. */
export interface NamedValue {
  /** Where it stood in the message, for the fault. */
  field: string;
  name: string;
  value: unknown;
  unit?: UcumCode | undefined;
  chamber?: string | undefined;
  atMs?: number | undefined;
}

/**
 * Reads a value by catalogue name, in the catalogue's unit. Null means "measured nothing" and becomes NaN, which the
 * check step keeps as an invalid reading.
 */
export function readValue(named: NamedValue): UplinkValue | Fault {
  const { field, name, chamber, atMs } = named;
  if (!isQuantity(name)) return fault(field, `"${name}" is not a quantity of the catalogue`, nameRemedy(name));
  const raw = toNumber(named.value);
  if (raw === undefined)
    return fault(field, 'is not a number', 'send a JSON number, true/false for states, or null for "nothing measured"');
  if (chamber !== undefined && !Id.safeParse(chamber).success)
    return fault(field, `"${chamber}" is not a chamber id`, 'name a chamber of the asset');
  const unit = quantityOf(name).unit;
  const value = convertUnit(raw, named.unit ?? unit, unit);
  if (value === undefined)
    return fault(field, `unit ${named.unit} does not measure ${name}`, `send ${name} in ${unit}`);
  return { quantity: name, value, ...(chamber !== undefined && { chamber }), ...(atMs !== undefined && { atMs }) };
}

export function isFault(value: UplinkValue | Fault): value is Fault {
  return 'code' in value;
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null ? Number.NaN : undefined;
}

function nameRemedy(name: string): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(name);
  const near =
    wanted.length < 3
      ? undefined
      : QUANTITY_NAMES.find((known) => plain(known).startsWith(wanted) || wanted.startsWith(plain(known)));
  return near ? `did you mean "${near}"?` : `use one of: ${QUANTITY_NAMES.join(', ')}`;
}
