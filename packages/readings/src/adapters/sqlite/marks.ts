import type { Quality, ReadingFlag } from '@ronde/contracts';
import { PROVENANCE_FLAGS } from '../../same-reading.ts';

/**
 * Quality and flags in one whole number: part of the file format, so numbers are added and never changed. There is room
 * up to 52, the last bit that a number holds exactly; bitwise operators end at 30.
 */
const QUALITY_CODES: Record<Quality, number> = { ok: 0, suspect: 1, invalid: 2, censored: 3 };
const QUALITIES: readonly Quality[] = ['ok', 'suspect', 'invalid', 'censored'];
const FLAG_BITS: Record<ReadingFlag, number> = {
  CLOCK_IMPLAUSIBLE: 2,
  OUT_OF_RANGE: 3,
  SENTINEL: 4,
  BLIND_ZONE: 5,
  TILTED: 6,
  SATURATED: 7,
  SPIKE: 8,
  FEW_SAMPLES: 9,
  GEOMETRY_MISSING: 10,
  CREW_EMPTIED: 11,
  CREW_FULL: 12,
  DERIVED: 13,
  REPLAYED: 14,
  HISTORY: 15,
  COUNTER_RESET: 16,
  UNREADABLE: 17,
  NO_TARGET: 18,
  TOO_CLOSE: 19,
  TOO_FAR: 20,
  SENSOR_FAULT: 21,
  LID_OPEN: 22,
  STUCK: 23,
  DEVICE_COMPUTED: 24,
  BACKFILLED: 25,
  CORRECTED: 26,
  CANARY: 27,
  BATTERY_LOW: 28,
  SCATTERED: 29,
  RETIRED: 30,
  MAPPING_DOUBTFUL: 31,
};
const FLAG_ENTRIES = Object.entries(FLAG_BITS) as [ReadingFlag, number][];
const QUALITY_MASK = 3;
export const CORRECTED_MARK = 1 << FLAG_BITS.CORRECTED;
export const PROVENANCE_MASK = encodeMarks('ok', PROVENANCE_FLAGS);

export function encodeMarks(quality: Quality, flags: readonly ReadingFlag[]): number {
  let marks = QUALITY_CODES[quality];
  if (flags.length === 0) return marks;
  for (const flag of new Set(flags)) marks += 2 ** FLAG_BITS[flag];
  return marks;
}

export function qualityOf(marks: number): Quality {
  return QUALITIES[marks & QUALITY_MASK]!;
}

/** Flags in the order of the table. */
export function flagsOf(marks: number): ReadingFlag[] {
  return marks <= QUALITY_MASK ? [] : FLAG_ENTRIES.filter(([, bit]) => has(marks, bit)).map(([flag]) => flag);
}

export function isInvalid(marks: number): boolean {
  return (marks & QUALITY_MASK) === QUALITY_CODES.invalid;
}

/** Tells whether two marks say the same, leaving aside how the readings came to be stored. */
export function marksSayTheSame(a: number, b: number): boolean {
  return withoutProvenance(a) === withoutProvenance(b);
}

/** Marks a reading as corrected. */
export function withCorrected(marks: number): number {
  return has(marks, FLAG_BITS.CORRECTED) ? marks : marks + CORRECTED_MARK;
}

function withoutProvenance(marks: number): number {
  let rest = marks;
  for (const flag of PROVENANCE_FLAGS) if (has(marks, FLAG_BITS[flag])) rest -= 2 ** FLAG_BITS[flag];
  return rest;
}

function has(marks: number, bit: number): boolean {
  return Math.floor(marks / 2 ** bit) % 2 === 1;
}
