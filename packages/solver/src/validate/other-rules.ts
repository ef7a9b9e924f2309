import type { Battery, Problem, Stop, Vehicle } from '../problem.ts';
import type { Report } from './report.ts';

/** Faults in random loads, needs, familiarity and dwell of a stop. */
export function checkStopRules(problem: Problem, stop: Stop, field: string, report: Report): void {
  for (const [k, variance] of (stop.loadVariance ?? []).entries())
    if (!(variance >= 0)) report(`${field}.loadVariance[${k}]`, 'must be 0 or more: a standard deviation squared');
  if (stop.serveByS !== undefined && !Number.isFinite(stop.serveByS))
    report(`${field}.serveByS`, 'must be a number of seconds; leave it out when the stop can wait');
  for (const vehicle of stop.familiarTo ?? [])
    if (!problem.vehicles[vehicle]) report(`${field}.familiarTo`, `there is no vehicle ${vehicle}`);
  const costs = stop.visitCosts;
  if (costs && costs.length !== problem.vehicles.length)
    report(`${field}.visitCosts`, `needs one number per vehicle (${problem.vehicles.length}), has ${costs.length}`);
  if (costs?.some((cost) => !(cost >= 0))) report(`${field}.visitCosts`, 'must be 0 or more each');
  for (const [index, { fraction, load }] of (stop.parts ?? []).entries()) {
    if (!Number.isInteger(fraction) || fraction < 0 || fraction > 30)
      report(`${field}.parts[${index}].fraction`, 'must be a whole number 0…30');
    if (load.some((amount) => !(amount >= 0))) report(`${field}.parts[${index}].load`, 'must be 0 or more each');
  }
  if (!((stop.energyKwh ?? 0) >= 0)) report(`${field}.energyKwh`, 'must be 0 or more');
  if (stop.area !== undefined && !problem.areas?.[stop.area])
    report(`${field}.area`, `there is no area ${stop.area}; add it to areas or leave the field out`);
  if (stop.atLeast?.some((least) => !Number.isFinite(least)))
    report(`${field}.atLeast`, 'must hold numbers; use 0 where a measure does not matter');
}

function checkBattery({ capacityKwh, kwhPerKm, startKwh, reserveKwh }: Battery, field: string, report: Report): void {
  if (!(capacityKwh > 0)) report(`${field}.capacityKwh`, 'must be above 0');
  if (!(kwhPerKm >= 0)) report(`${field}.kwhPerKm`, 'must be 0 or more');
  for (const [name, kwh] of Object.entries({ startKwh, reserveKwh }))
    if (!((kwh ?? 0) >= 0 && (kwh ?? 0) <= capacityKwh)) report(`${field}.${name}`, `must be 0…${capacityKwh}`);
}

/** Faults in what a vehicle risks, knows and may keep aboard. */
export function checkVehicleRules(vehicle: Vehicle, field: string, report: Report): void {
  const { overloadChance, maxUnfamiliar, unfamiliarCost, mayEndWith, battery } = vehicle;
  if (overloadChance !== undefined && !(overloadChance > 0 && overloadChance <= 0.5))
    report(`${field}.overloadChance`, 'must be above 0 and at most 0.5, such as 0.02; leave it out for certain loads');
  if (maxUnfamiliar !== undefined && !(maxUnfamiliar >= 0)) report(`${field}.maxUnfamiliar`, 'must be 0 or more');
  if (!((unfamiliarCost ?? 0) >= 0)) report(`${field}.unfamiliarCost`, 'must be 0 or more');
  const taken = (vehicle.compartments ?? []).flatMap(({ fractions }) => fractions);
  if (new Set(taken).size < taken.length)
    report(`${field}.compartments`, 'name a fraction twice; give each fraction one compartment');
  if (battery) checkBattery(battery, `${field}.battery`, report);
  if (mayEndWith?.some((fraction) => !Number.isInteger(fraction) || fraction < 0 || fraction > 30))
    report(`${field}.mayEndWith`, 'must be whole numbers 0…30');
}

/** Faults in quiet hours and in the previous plan. */
export function checkPlanRules(problem: Problem, report: Report): void {
  const { quietHours, previous, stops, vehicles } = problem;
  for (const [index, { maxUnserved, leastPrizeShare }] of (problem.areas ?? []).entries()) {
    const field = `areas[${index}]`;
    if (maxUnserved !== undefined && leastPrizeShare !== undefined)
      report(field, 'has both bounds; give maxUnserved or leastPrizeShare');
    if (!((maxUnserved ?? 0) >= 0)) report(`${field}.maxUnserved`, 'must be 0 or more');
    if (!((leastPrizeShare ?? 0) >= 0 && (leastPrizeShare ?? 0) <= 1))
      report(`${field}.leastPrizeShare`, 'must be 0…1');
  }
  for (const [index, { chargeKw }] of (problem.sites ?? []).entries())
    if (!((chargeKw ?? 0) >= 0)) report(`sites[${index}].chargeKw`, 'must be 0 or more');
  for (const [index, quiet] of (quietHours ?? []).entries()) {
    for (const [k, [beginS, endS]] of quiet.spans.entries())
      if (!(beginS < endS)) report(`quietHours[${index}].spans[${k}]`, 'must begin before it ends');
    for (const stop of quiet.stops ?? [])
      if (!stops[stop]) report(`quietHours[${index}].stops`, `there is no stop ${stop}`);
  }
  for (const [index, round] of (previous?.rounds ?? []).entries()) {
    const field = `previous.rounds[${index}]`;
    if (!vehicles[round.vehicle]) report(`${field}.vehicle`, `there is no vehicle ${round.vehicle}`);
    for (const stop of round.stops) if (!stops[stop]) report(`${field}.stops`, `there is no stop ${stop}`);
  }
  if (!((previous?.movedCost ?? 0) >= 0)) report('previous.movedCost', 'must be 0 or more');
  if (!((previous?.orderCost ?? 0) >= 0)) report('previous.orderCost', 'must be 0 or more');
}
