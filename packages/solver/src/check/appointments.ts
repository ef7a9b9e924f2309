import type { Problem } from '../problem.ts';
import type { Route } from '../solution.ts';
import { partsOf } from './contents.ts';
import type { Report } from './violation.ts';

/** Holds each service against quiet hours and the moment it had to be done by. */
export function checkAppointments(problem: Problem, route: Route, report: Report): void {
  for (const [i, { kind, index, startS, departS }] of route.visits.entries()) {
    const stop = kind === 'stop' ? problem.stops[index] : undefined;
    if (!stop) continue;
    const where = `vehicle ${route.vehicle}, visit ${i}`;
    for (const { spans, fractions, stops } of problem.quietHours ?? []) {
      if (fractions && !partsOf(stop).some(({ fraction }) => fractions.includes(fraction))) continue;
      if (stops && !stops.includes(index)) continue;
      const broken = spans.some(([beginS, endS]) => startS < endS && departS > beginS);
      if (broken) report('QUIET_BROKEN', where, `works from ${startS} s to ${departS} s, in quiet hours`);
    }
    if (startS > (stop.serveByS ?? Infinity))
      report('TOO_LATE', where, `comes after ${stop.serveByS} s, the last moment`);
  }
}
