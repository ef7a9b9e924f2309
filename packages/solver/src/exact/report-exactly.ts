import type { Model } from '../model.ts';
import { loadAfter } from '../search/load-after.ts';
import type { RouteState } from '../search/route-state.ts';
import type { Break, Route, Visit } from '../solution.ts';
import { driveExactly, RELAX, traceVisits } from './timeline.ts';

/** A route whose times only the whole sequence tells; a locked one that is late keeps as many rules as it can. */
export function reportExactly(model: Model, { vehicle, seq, len, cost }: RouteState): Route {
  const late = true;
  const lawful = driveExactly(model, vehicle, { seq, len }, { late, relax: RELAX.none }).ok;
  const { departS, endS } = driveExactly(
    model,
    vehicle,
    { seq, len },
    { late, relax: lawful ? RELAX.none : RELAX.all },
  );
  const { start, end, distanceM, initialLoad } = model.vehicles[vehicle]!;
  const partS = model.exact!.breaks?.[vehicle]?.partS;
  const breaks: Break[] = [];
  const restBetween = (startS: number, endS: number): void => {
    if (partS !== undefined && endS - startS >= partS - 1e-6) breaks.push({ startS, endS });
  };
  let [at, metres, aboard] = [start, 0, [...initialLoad]];
  const visits = traceVisits().map(({ leaveS, chargedKwh, ...times }, i): Visit => {
    const node = seq[i]!;
    aboard = loadAfter(model, node, aboard);
    metres += distanceM[at * model.locations + model.place[node]!]!;
    at = model.place[node]!;
    restBetween(times.arriveS, times.startS);
    restBetween(times.departS, leaveS);
    const isStop = node < model.stopCount;
    return {
      kind: isStop ? 'stop' : 'disposal',
      index: isStop ? node : node - model.stopCount,
      ...times,
      ...(leaveS > times.departS && { leaveS }),
      ...(chargedKwh > 0 && { chargedKwh }),
      loadAfter: aboard,
    };
  });
  metres += distanceM[at * model.locations + end]!;
  const durationS = endS - departS;
  return { vehicle, departS, visits, endS, distanceM: metres, durationS, cost, ...(partS !== undefined && { breaks }) };
}
