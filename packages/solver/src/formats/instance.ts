import type { Fault, Problem } from '../problem.ts';

/** A problem read from a file, with what is needed to write the answer in the file's own terms. */
export interface Instance {
  readonly name: string;
  readonly format: 'vrplib' | 'ronde';
  readonly problem: Problem;
  /** name of each stop: customer number from 1 in vrplib, id in ronde */
  readonly stopNames: readonly string[];
  readonly vehicleNames: readonly string[];
  /** D0, D1, … in ronde */
  readonly siteNames: readonly string[];
}

/** A file read, or all that is wrong with it. */
export type Parsed =
  { readonly ok: true; readonly instance: Instance } | { readonly ok: false; readonly faults: readonly Fault[] };

/** Makes the answer for a file that cannot be read. */
export function refuse(...faults: readonly Fault[]): Parsed {
  return { ok: false, faults };
}
