import type { Problem, Stop, Vehicle } from '../problem.ts';
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
  if (stop.atLeast?.some((least) => !Number.isFinite(least)))
    report(`${field}.atLeast`, 'must hold numbers; use 0 where a measure does not matter');
}

/** Faults in what a vehicle risks, knows and may keep aboard. */
export function checkVehicleRules(vehicle: Vehicle, field: string, report: Report): void {
  const { overloadChance, maxUnfamiliar, unfamiliarCost, mayEndWith } = vehicle;
  if (overloadChance !== undefined && !(overloadChance > 0 && overloadChance <= 0.5))
    report(`${field}.overloadChance`, 'must be above 0 and at most 0.5, such as 0.02; leave it out for certain loads');
  if (maxUnfamiliar !== undefined && !(maxUnfamiliar >= 0)) report(`${field}.maxUnfamiliar`, 'must be 0 or more');
  if (!((unfamiliarCost ?? 0) >= 0)) report(`${field}.unfamiliarCost`, 'must be 0 or more');
  if (mayEndWith?.some((fraction) => !Number.isInteger(fraction) || fraction < 0 || fraction > 30))
    report(`${field}.mayEndWith`, 'must be whole numbers 0…30');
}

/** Faults in quiet hours and in the previous plan. */
export function checkPlanRules({ quietHours, previous, stops, vehicles }: Problem, report: Report): void {
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
