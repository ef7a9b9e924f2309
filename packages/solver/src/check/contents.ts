import type { Problem, Stop } from '../problem.ts';
import type { Route } from '../solution.ts';
import { TOLERANCE } from './violation.ts';
import type { Report } from './violation.ts';

/** What a stop holds, fraction by fraction. */
export function partsOf({ parts, fraction = 0, load = [] }: Stop): readonly {
  readonly fraction: number;
  readonly load: readonly number[];
}[] {
  return parts ?? [{ fraction, load }];
}

/** What a stop adds to a truck in all, per dimension. */
export function loadOf(stop: Stop): readonly number[] {
  if (stop.load || !stop.parts) return stop.load ?? [];
  const sums: number[] = [];
  for (const { load } of stop.parts) for (const [k, amount] of load.entries()) sums[k] = (sums[k] ?? 0) + amount;
  return sums;
}

/** Puts every part aboard in the compartment that takes its fraction, and sees that none overflows. */
export function checkCompartments(problem: Problem, route: Route, report: Report): void {
  const { compartments, initialParts = [] } = problem.vehicles[route.vehicle]!;
  let aboard = new Map<string, number>();
  for (const { fraction, load } of compartments ? initialParts : []) {
    const body = compartments!.findIndex(({ fractions }) => fractions.includes(fraction));
    for (const [k, amount] of load.entries()) aboard.set(`${body}/${k}`, (aboard.get(`${body}/${k}`) ?? 0) + amount);
  }
  for (const [i, { kind, index }] of route.visits.entries()) {
    const where = `vehicle ${route.vehicle}, visit ${i}`;
    if (kind === 'disposal') aboard = new Map();
    const stop = kind === 'stop' ? problem.stops[index] : undefined;
    if (!stop) continue;
    const parts = partsOf(stop);
    if (!compartments && new Set(parts.map(({ fraction }) => fraction)).size > 1)
      report('NO_COMPARTMENT', where, 'mixes what chambers keep apart');
    for (const { fraction, load } of compartments ? parts : []) {
      const body = compartments!.findIndex(({ fractions }) => fractions.includes(fraction));
      if (body < 0) report('NO_COMPARTMENT', where, `has no compartment for fraction ${fraction}`);
      for (const [k, amount] of load.entries()) {
        const sum = (aboard.get(`${body}/${k}`) ?? 0) + amount;
        aboard.set(`${body}/${k}`, sum);
        if (sum > (compartments![body]?.capacity?.[k] ?? Infinity) + TOLERANCE)
          report('NO_COMPARTMENT', where, `compartment ${body} holds ${sum} of load ${k}, too much`);
      }
    }
  }
}
