import type { Fault } from '../problem.ts';

/** A line of a file, trimmed. */
export interface Line {
  /** from 1 */
  readonly number: number;
  readonly text: string;
}

/** Places beyond which the search's tables would not fit a gigabyte. */
export const MAX_NODES = 8_000;
/** Faults told of one file; a wrong column would tell one a row. */
const MAX_FAULTS = 20;

/** Splits a text in lines, whatever ends them, without a byte order mark. */
export function linesOf(text: string): Line[] {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return plain.split(/\r\n|\n|\r/).map((raw, index) => ({ number: index + 1, text: raw.trim() }));
}

/** Takes note of faults with their line, up to a bound. */
export interface FaultList {
  readonly faults: readonly Fault[];
  /** @param at line number, or 0 where the fault is that something is missing */
  add(at: number, part: string, message: string): void;
}

/** Creates an empty list of faults. */
export function createFaultList(): FaultList {
  const faults: Fault[] = [];
  let more = 0;
  return {
    get faults() {
      return more ? [...faults, { field: 'file', message: `has ${more} more faults; mend these first` }] : faults;
    },
    add(at, part, message) {
      const field = at > 0 ? (part ? `line ${at} (${part})` : `line ${at}`) : part;
      if (faults.some((fault) => fault.field === field && fault.message === message)) return;
      if (faults.length >= MAX_FAULTS) more++;
      else faults.push({ field, message });
    },
  };
}

/** Reads the numbers of a line; undefined, with a fault, when one is none. */
export function numbersOf(line: Line, part: string, faults: FaultList): number[] | undefined {
  const words = line.text.split(/[\s,]+/).filter(Boolean);
  const wrong = words.find((word) => !Number.isFinite(Number(word)));
  if (wrong === undefined) return words.map(Number);
  faults.add(line.number, part, `"${wrong.slice(0, 40)}" is not a number; correct the row`);
  return undefined;
}

/** Refuses a fleet that is larger than any number of places can use; 1 in its stead. */
export function boundFleet(vehicles: number, at: number, part: string, faults: FaultList): number {
  if (vehicles <= MAX_NODES) return vehicles;
  faults.add(
    at,
    part,
    `${vehicles} vehicles are more than the ${MAX_NODES} that are planned at once; correct the number`,
  );
  return 1;
}

/** Refuses an instance whose tables would not fit; true when it does. */
export function fits(nodes: number, at: number, part: string, faults: FaultList): boolean {
  if (nodes <= MAX_NODES) return true;
  faults.add(at, part, `${nodes} places are more than the ${MAX_NODES} that are solved at once; split the area`);
  return false;
}
