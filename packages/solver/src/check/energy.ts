import type { Problem } from '../problem.ts';
import type { Route } from '../solution.ts';
import { metresOf } from './clock.ts';
import { TOLERANCE } from './violation.ts';
import type { Report } from './violation.ts';

/** Follows the battery of a route from place to place. */
export function checkEnergy(problem: Problem, route: Route, report: Report): void {
  const vehicle = problem.vehicles[route.vehicle]!;
  const { battery } = vehicle;
  let at = vehicle.startLocation;
  let level = battery?.startKwh ?? battery?.capacityKwh ?? 0;
  const drive = (to: number, where: string): void => {
    if (battery) level -= (battery.kwhPerKm * metresOf(problem, vehicle, at, to)) / 1_000;
    at = to;
    hold(where);
  };
  const hold = (where: string): void => {
    if (battery && level < (battery.reserveKwh ?? 0) - TOLERANCE)
      report('BATTERY_EMPTY', where, `has ${level} kWh left, below its reserve`);
  };
  for (const [i, { kind, index, chargedKwh = 0 }] of route.visits.entries()) {
    const where = `vehicle ${route.vehicle}, visit ${i}`;
    const target = kind === 'stop' ? problem.stops[index] : problem.sites?.[index];
    if (!target) continue;
    drive(target.location, where);
    if (kind === 'stop') level -= problem.stops[index]!.energyKwh ?? 0;
    else level += chargedKwh;
    hold(where);
    const canCharge = battery && kind === 'disposal' && (problem.sites![index]!.chargeKw ?? 0) > 0;
    if (chargedKwh !== 0 && !(canCharge && chargedKwh > 0))
      report('BATTERY_EMPTY', where, 'states a charge where there is no charger, or no battery');
    if (battery && level > battery.capacityKwh + TOLERANCE)
      report('BATTERY_EMPTY', where, `charges to ${level} kWh, more than it holds`);
  }
  drive(vehicle.endLocation, `vehicle ${route.vehicle}, end`);
}
