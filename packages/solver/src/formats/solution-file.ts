import type { Fault } from '../problem.ts';
import { createFaultList, linesOf, numbersOf } from './text-lines.ts';

/** Routes of a VRPLIB `.sol` file in its order, empty ones too, and the cost that it states. */
export interface SolutionFile {
  readonly routes: readonly (readonly number[])[];
  readonly cost?: number;
}

/** A solution file read, or all that is wrong with it. */
export type SolutionRead =
  { readonly ok: true; readonly solution: SolutionFile } | { readonly ok: false; readonly faults: readonly Fault[] };

/** Reads a VRPLIB solution: "Route #1: 3 1 2" a line, then "Cost 123". */
export function parseSolution(text: string): SolutionRead {
  const faults = createFaultList();
  const routes: number[][] = [];
  let cost: number | undefined;
  for (const line of linesOf(text)) {
    const route = /^Route\s*#?\d*\s*:?(.*)$/i.exec(line.text);
    const stated = /^Cost\s*:?\s*(.+)$/i.exec(line.text);
    if (route) routes.push(numbersOf({ number: line.number, text: route[1]! }, 'route', faults) ?? []);
    else if (stated) cost = numbersOf({ number: line.number, text: stated[1]! }, 'cost', faults)?.[0];
  }
  if (routes.length === 0) faults.add(0, 'file', 'has no line "Route #1: …"; give a VRPLIB solution');
  if (faults.faults.length) return { ok: false, faults: faults.faults };
  return { ok: true, solution: { routes, ...(cost === undefined ? {} : { cost }) } };
}
