import type { Solution } from '../solution.ts';
import type { Reason } from '../explain.ts';
import type { Instance } from './instance.ts';

/** What the answer says beyond the plan. */
export interface RunFacts {
  readonly seconds: number;
  readonly iterations: number;
  readonly reasons?: readonly Reason[];
}

/** One round of a waste file. */
export interface NamedRound {
  readonly vehicle: string;
  readonly visits: readonly string[];
}

/** The JSON of `ronde solve`. */
export interface SolutionJson {
  readonly instance: string;
  readonly format: Instance['format'];
  readonly feasible: boolean;
  readonly cost: number;
  readonly distance: number;
  readonly routes: readonly (readonly number[])[] | readonly NamedRound[];
  readonly unserved: readonly (number | string)[];
  readonly seconds: number;
  readonly iterations: number;
  /** customer to why it is left out */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Writes a plan in the terms of the file it answers: customer numbers for vrplib, ids for the waste JSON. */
export function toSolutionJson(instance: Instance, solution: Solution, facts: RunFacts): SolutionJson {
  const { format, stopNames, vehicleNames, siteNames } = instance;
  const used = solution.routes.filter((route) => route.visits.length > 0);
  const numbered = format === 'vrplib';
  const name = (stop: number): string => stopNames[stop]!;
  const rounds = used.map(({ vehicle, visits }) => ({
    vehicle: vehicleNames[vehicle]!,
    visits: visits.map(({ kind, index }) => (kind === 'stop' ? name(index) : siteNames[index]!)),
  }));
  const left = (facts.reasons ?? []).filter((reason) => !reason.served);
  return {
    instance: instance.name,
    format,
    feasible: solution.feasible,
    cost: solution.cost,
    distance: solution.distanceM,
    routes: numbered ? used.map(({ visits }) => visits.map(({ index }) => Number(name(index)))) : rounds,
    unserved: solution.unserved.map((stop) => (numbered ? Number(name(stop)) : name(stop))),
    seconds: facts.seconds,
    iterations: facts.iterations,
    reasons: Object.fromEntries(left.map(({ stop, text }) => [name(stop), text])),
  };
}
