import { driveSequence, tripRelease } from '../constraints/drive.ts';
import { keepsRules } from '../evaluate.ts';
import { reportExactly } from '../exact/report-exactly.ts';
import type { Model } from '../model.ts';
import type { Route, Solution, Visit } from '../solution.ts';
import { loadAfter } from './load-after.ts';
import type { RouteState } from './route-state.ts';
import type { State } from './state.ts';

function startS(model: Model, node: number, arriveS: number): number {
  const last = model.windowFrom[node + 1]! - 1;
  let window = model.windowFrom[node]!;
  while (window < last && model.closeS[window]! < arriveS) window++;
  return Math.max(arriveS, model.openS[window]!);
}

/** When a truck leaves a visit: at a site it may wait for the release of the next trip. */
function departure(model: Model, { seq, len }: RouteState, index: number, begin: number): number {
  const done = begin + model.serviceS[seq[index]!]!;
  if (!model.releaseS || seq[index]! < model.stopCount) return done;
  return Math.max(done, tripRelease(model, seq, index + 1, len));
}

function reportRoute(model: Model, route: RouteState): Route {
  const { vehicle, seq, len, cost } = route;
  const { start, end, durationS, distanceM, initialLoad } = model.vehicles[vehicle]!;
  const n = model.locations;
  const { departS } = driveSequence(model, vehicle, seq, len);
  let [at, clock, metres] = [start, departS, 0];
  let aboard: readonly number[] = [...initialLoad];
  const visits: Visit[] = [];
  for (const [index, node] of seq.subarray(0, len).entries()) {
    const leg = at * n + model.place[node]!;
    const begin = startS(model, node, clock + durationS[leg]!);
    aboard = loadAfter(model, node, aboard);
    const departAt = departure(model, route, index, begin);
    const stop = node < model.stopCount;
    visits.push({
      kind: stop ? 'stop' : 'disposal',
      index: stop ? node : node - model.stopCount,
      arriveS: clock + durationS[leg]!,
      startS: begin,
      departS: departAt,
      loadAfter: aboard,
    });
    metres += distanceM[leg]!;
    clock = departAt;
    at = model.place[node]!;
  }
  const endS = clock + durationS[at * n + end]!;
  return {
    vehicle,
    departS,
    visits,
    endS,
    distanceM: metres + distanceM[at * n + end]!,
    durationS: endS - departS,
    cost,
  };
}

/** Writes a state out as a plan with times and loads. */
export function report(state: State): Solution {
  const { model, rules } = state;
  const inUse = state.routes.filter((route) => route.len > 0 || model.vehicles[route.vehicle]!.underWay);
  const routes = inUse.map((route) => (model.exact ? reportExactly(model, route) : reportRoute(model, route)));
  const unserved = [...state.absent.subarray(0, state.absentCount)].sort((x, y) => x - y);
  const prizesLost = unserved.reduce((sum, stop) => sum + (model.required[stop] ? 0 : model.skipCost[stop]!), 0);
  return {
    routes,
    unserved,
    cost: routes.reduce((sum, route) => sum + route.cost, prizesLost),
    distanceM: routes.reduce((sum, route) => sum + route.distanceM, 0),
    durationS: routes.reduce((sum, route) => sum + route.durationS, 0),
    prizesLost,
    feasible: state.requiredLeft === 0 && inUse.every((route) => keepsRules(model, rules, route.vehicle, route)),
  };
}
