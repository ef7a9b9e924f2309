import { check } from '../check.ts';
import type { Solution, Visit } from '../solution.ts';
import type { Reason } from '../explain.ts';
import type { Instance, Way } from './instance.ts';
import { scoreSheet } from './sheet-score.ts';
import type { SheetRoute } from './sheet-score.ts';

/** What the answer says beyond the plan. */
export interface RunFacts {
  readonly seconds: number;
  readonly iterations: number;
  readonly reasons?: readonly Reason[];
}

/** One round of a Ronde file. */
export interface NamedRound {
  readonly vehicle: string;
  readonly visits: readonly string[];
  /** per section of street in it, how it is driven; absent without sections */
  readonly ways?: Readonly<Record<string, Way>>;
}

/** The JSON of `ronde solve`. */
export interface SolutionJson {
  readonly instance: string;
  readonly format: Instance['format'];
  readonly feasible: boolean;
  readonly cost: number;
  readonly distance: number;
  readonly routes: readonly (readonly number[])[] | readonly NamedRound[];
  /** per route, where the file has several kinds: vehicle in file order, and its depot, from 0 */
  readonly routeVehicles?: readonly number[];
  readonly routeDepots?: readonly number[];
  readonly unserved: readonly (number | string)[];
  readonly seconds: number;
  readonly iterations: number;
  /** customer to why it is left out */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Leaves out reloads that no trip follows or precedes. */
function withoutIdleReloads(visits: readonly number[]): number[] {
  return visits.filter(
    (number, i) => number !== 0 || (i > 0 && visits[i - 1] !== 0 && visits.slice(i).some((v) => v !== 0)),
  );
}

/** The routes of a plan in the file's terms: customer numbers, 0 for loading again. */
export function toSheetRoutes({ stopNames }: Instance, solution: Solution): SheetRoute[] {
  return solution.routes
    .map(({ vehicle, visits }) => {
      const numbers = visits.map(({ kind, index }) => (kind === 'stop' ? Number(stopNames[index]) : 0));
      return { vehicle, visits: withoutIdleReloads(numbers) };
    })
    .filter(({ visits }) => visits.length > 0);
}

function reasonsOf({ stopNames }: Instance, facts: RunFacts): Record<string, string> {
  const left = (facts.reasons ?? []).filter((reason) => !reason.served);
  return Object.fromEntries(left.map(({ stop, text }) => [stopNames[stop]!, text]));
}

function numbered(
  instance: Instance,
  solution: Solution,
): Pick<SolutionJson, 'cost' | 'distance' | 'feasible' | 'routes'> {
  const sheet = instance.sheet!;
  const routes = toSheetRoutes(instance, solution);
  const { cost, distance, violations } = scoreSheet(sheet, routes);
  return {
    feasible: solution.feasible && violations.length === 0,
    cost,
    distance,
    routes: routes.map((route) => route.visits),
    ...(sheet.mixedFleet || sheet.depots.length > 1 ? { routeVehicles: routes.map((route) => route.vehicle) } : {}),
    ...(sheet.depots.length > 1 ? { routeDepots: routes.map(({ vehicle }) => sheet.vehicles[vehicle]!.depot) } : {}),
  };
}

function named(
  instance: Instance,
  solution: Solution,
): Pick<SolutionJson, 'cost' | 'distance' | 'feasible' | 'routes'> {
  const { stopNames, vehicleNames, siteNames } = instance;
  const used = solution.routes.filter((route) => route.visits.length > 0);
  const rounds = used.map(({ vehicle, visits }) => ({
    vehicle: vehicleNames[vehicle]!,
    visits: visits.map(({ kind, index }) => (kind === 'stop' ? stopNames[index]! : siteNames[index]!)),
    ...waysOf(instance, visits),
  }));
  const { ok } = check(instance.problem, solution);
  return { feasible: solution.feasible && ok, cost: solution.cost, distance: solution.distanceM, routes: rounds };
}

function waysOf({ stopNames, stopWays }: Instance, visits: readonly Visit[]): Pick<NamedRound, 'ways'> {
  const driven = visits.flatMap(({ kind, index }): [string, Way][] => {
    const way = kind === 'stop' ? stopWays?.[index] : undefined;
    return way ? [[stopNames[index]!, way]] : [];
  });
  return driven.length ? { ways: Object.fromEntries(driven) } : {};
}

/** Writes a plan in the terms of the file it answers: customer numbers, or ids for the Ronde JSON. */
export function toSolutionJson(instance: Instance, solution: Solution, facts: RunFacts): SolutionJson {
  const { name, format, stopNames, sheet } = instance;
  const plan = sheet ? numbered(instance, solution) : named(instance, solution);
  return {
    instance: name,
    format,
    ...plan,
    unserved: solution.unserved.map((stop) => (sheet ? Number(stopNames[stop]) : stopNames[stop]!)),
    seconds: facts.seconds,
    iterations: facts.iterations,
    reasons: reasonsOf(instance, facts),
  };
}
