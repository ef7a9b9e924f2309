import type { Problem } from '../problem.ts';
import type { Solution } from '../solution.ts';
import type { Report } from './violation.ts';

/** Money for who serves what, and in which order, beside driving and work; sees to the bound on unfamiliar stops. */
export function checkPrices(problem: Problem, { routes }: Solution, report: Report): number {
  const { rounds = [], movedCost = 0, orderCost = 0 } = problem.previous ?? {};
  const places = new Map<number, { place: number; vehicle: number }>();
  const named = (stop: number): number => problem.stops[stop]?.alternativeTo ?? stop;
  for (const { stops, vehicle } of rounds)
    for (const [place, stop] of stops.entries()) places.set(named(stop), { place, vehicle });
  let money = 0;
  for (const { vehicle, visits } of routes) {
    const { unfamiliarCost = 0, maxUnfamiliar = Infinity } = problem.vehicles[vehicle] ?? {};
    const served = visits.filter(({ kind }) => kind === 'stop').map(({ index }) => index);
    const strange = served.filter((stop) => problem.stops[stop]?.familiarTo?.includes(vehicle) === false);
    if (strange.length > maxUnfamiliar)
      report('TOO_UNFAMILIAR', `vehicle ${vehicle}`, `serves ${strange.length} stops its crew does not know`);
    money += strange.length * unfamiliarCost;
    for (const [i, stop] of served.entries()) {
      money += problem.stops[stop]?.visitCosts?.[vehicle] ?? 0;
      const was = places.get(named(stop));
      if (was && was.vehicle !== vehicle) money += movedCost;
      const last = i > 0 ? places.get(named(served[i - 1]!)) : undefined;
      if (was && last && was.vehicle === last.vehicle && last.place > was.place) money += orderCost;
    }
  }
  return money;
}
