import type { Problem, Solution, Visit } from '@ronde/solver';
import type { BuiltProblem } from './build-problem.ts';
import { isEnded } from './committed.ts';

type Step = Pick<Visit, 'kind' | 'index'>;

/**
 * Gives the rounds as they are now as a plan to start from, so that crews see few stops moved. Bins fill and crews run
 * late: stops that no longer fit are left to the solver, since it takes a route over only when it keeps every rule.
 */
export function asInitial(built: BuiltProblem): Solution {
  const byAsset = new Map<string, number>();
  built.stops.forEach((meaning, index) => {
    if (meaning.kind === 'candidate') for (const { id } of meaning.candidate.assets) byAsset.set(id, index);
  });
  const routes = built.duties.flatMap(({ round, locked }, vehicle) => {
    const open = (round?.stops ?? []).filter((stop) => !isEnded(stop) && !locked.includes(stop));
    const steps = open.flatMap((stop): Step[] => {
      const site = stop.kind === 'disposal' ? built.sites.findIndex(({ id }) => id === stop.siteId) : -1;
      if (stop.kind === 'disposal') return site < 0 ? [] : [{ kind: 'disposal', index: site }];
      const known = stop.assetIds.map((id) => byAsset.get(id)).find((index) => index !== undefined);
      return known === undefined ? [] : [{ kind: 'stop', index: known }];
    });
    const visits = keepFeasible(built.problem, vehicle, steps).map((step) => ({
      ...step,
      arriveS: 0,
      startS: 0,
      departS: 0,
      loadAfter: [],
    }));
    return visits.length > 0 ? [{ vehicle, visits, departS: 0, endS: 0, distanceM: 0, durationS: 0, cost: 0 }] : [];
  });
  return { routes, unserved: [], cost: 0, distanceM: 0, durationS: 0, prizesLost: 0, feasible: true };
}

/** Drops the steps that miss their window, overload the vehicle, or leave no time for the last tip and the way home. */
function keepFeasible(problem: Problem, index: number, steps: Step[]): Step[] {
  const vehicle = problem.vehicles[index]!;
  const { durationS } = problem.profiles[vehicle.profile ?? 0]!;
  const toS = (from: number, to: number): number => durationS[from * problem.locations + to]!;
  const lastTip = steps.findLast(({ kind }) => kind === 'disposal');
  const endS = vehicle.shift?.[1] ?? Infinity;
  const kept: Step[] = [];
  let at = vehicle.startLocation;
  let clockS = vehicle.shift?.[0] ?? 0;
  let aboard = [...(vehicle.initialLoad ?? [0, 0])];
  const homeS = (from: number): number => {
    if (!lastTip) return toS(from, vehicle.endLocation);
    const site = problem.sites![lastTip.index]!;
    return toS(from, site.location) + (site.tippingS ?? 0) + toS(site.location, vehicle.endLocation);
  };
  const take = (step: Step, mustTake: boolean): void => {
    const place = step.kind === 'stop' ? problem.stops[step.index]! : problem.sites![step.index]!;
    const workS =
      (step.kind === 'stop' ? problem.stops[step.index]!.serviceS : problem.sites![step.index]!.tippingS) ?? 0;
    const arriveS = clockS + toS(at, place.location);
    const window = place.windows?.find(([, closeS]) => closeS >= arriveS);
    if (place.windows?.length && !window && !mustTake) return;
    const departS = Math.max(arriveS, window?.[0] ?? arriveS) + workS;
    const load = step.kind === 'stop' ? (problem.stops[step.index]!.load ?? []) : [];
    const after = step.kind === 'stop' ? aboard.map((amount, k) => amount + (load[k] ?? 0)) : aboard.map(() => 0);
    const fits = after.every((amount, k) => amount <= (vehicle.capacity?.[k] ?? Infinity));
    const inTime =
      step === lastTip
        ? departS + toS(place.location, vehicle.endLocation) <= endS
        : departS + homeS(place.location) <= endS;
    if (!mustTake && (!fits || !inTime)) return;
    [at, clockS, aboard] = [place.location, departS, after];
    if (!mustTake) kept.push(step);
  };
  for (const code of vehicle.locked ?? [])
    take(code >= 0 ? { kind: 'stop', index: code } : { kind: 'disposal', index: ~code }, true);
  for (const step of steps) take(step, false);
  return kept;
}
