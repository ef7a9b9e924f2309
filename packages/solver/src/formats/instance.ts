import type { Fault, Problem } from '../problem.ts';
import type { Sheet } from './sheet.ts';

/** How a section of street is driven, seen from the ends that its file names. */
export type Way = 'forward' | 'backward';

/** A problem read from a file, with what is needed to write the answer in the file's own terms. */
export interface Instance {
  readonly name: string;
  readonly format: 'vrplib' | 'solomon' | 'cordeau' | 'ronde';
  readonly problem: Problem;
  /** name of each stop: customer number from 1, or its id in ronde */
  readonly stopNames: readonly string[];
  /** per stop of a section of street, how it is driven; absent for other formats */
  readonly stopWays?: readonly (Way | undefined)[];
  readonly vehicleNames: readonly string[];
  /** D0, D1, … in ronde; 0 where trucks load again at the depot */
  readonly siteNames: readonly string[];
  /** what was read and has no effect, for a person */
  readonly notes: readonly string[];
  /** the file in its own numbers, with the rounding that its answer is stated in; absent in ronde */
  readonly sheet?: Sheet;
}

/** A file read, or all that is wrong with it. */
export type Parsed =
  { readonly ok: true; readonly instance: Instance } | { readonly ok: false; readonly faults: readonly Fault[] };

/** Makes the answer for a file that cannot be read. */
export function refuse(...faults: readonly Fault[]): Parsed {
  return { ok: false, faults };
}
