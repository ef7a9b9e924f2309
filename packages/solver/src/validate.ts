import type { Fault, Problem, Window } from './problem.ts';
import { checkBreakRules, checkHours, checkPeriods, checkQueue } from './validate/clock-rules.ts';
import { checkPlanRules, checkStopRules, checkVehicleRules } from './validate/other-rules.ts';
import type { Report } from './validate/report.ts';

function checkWindows(windows: readonly Window[] | undefined, field: string, report: Report): void {
  let before = -Infinity;
  for (const [index, [openS, closeS]] of (windows ?? []).entries()) {
    if (!(openS <= closeS)) report(`${field}[${index}]`, 'opens after it closes; swap the two');
    if (openS <= before) report(`${field}[${index}]`, 'overlaps the one before; sort and merge the windows');
    before = closeS;
  }
}

function checkLoad(load: readonly number[] | undefined, field: string, report: Report): void {
  for (const [index, amount] of (load ?? []).entries()) {
    if (!(amount >= 0)) report(`${field}[${index}]`, 'must be a number of 0 or more');
  }
}

function checkFraction(fraction: number, field: string, report: Report): void {
  if (!Number.isInteger(fraction) || fraction < 0 || fraction > 30) report(field, 'must be a whole number 0…30');
}

function checkWay({ stops }: Problem, index: number, report: Report): void {
  const { alternativeTo, prize, priority } = stops[index]!;
  if (alternativeTo === undefined) return;
  const field = `stops[${index}].alternativeTo`;
  const first = stops[alternativeTo];
  if (!first || alternativeTo >= index) report(field, 'must be the index of a stop before it');
  else if (first.alternativeTo !== undefined) report(field, 'names another way; name the first way of the stop');
  if (prize !== undefined || priority !== undefined)
    report(field, 'has prize or priority of its own; give them to the first way');
}

function checkMatrices(problem: Problem, report: Report): void {
  const size = problem.locations * problem.locations;
  if (problem.profiles.length === 0) report('profiles', 'at least one is needed');
  for (const [index, profile] of problem.profiles.entries()) {
    for (const name of ['distanceM', 'durationS'] as const) {
      const field = `profiles[${index}].${name}`;
      if (profile[name].length !== size)
        report(field, `needs locations² = ${size} values, has ${profile[name].length}`);
      if (profile[name].some((value) => value < 0)) report(field, 'holds a negative value; mark unreachable by 1e9');
    }
    checkPeriods(profile, { field: `profiles[${index}].byTime`, size }, report);
  }
}

function checkVehicles(problem: Problem, place: (location: number, field: string) => void, report: Report): void {
  const owner = new Map<number, number>();
  for (const [index, vehicle] of problem.vehicles.entries()) {
    const field = `vehicles[${index}]`;
    place(vehicle.startLocation, `${field}.startLocation`);
    place(vehicle.endLocation, `${field}.endLocation`);
    checkLoad(vehicle.capacity, `${field}.capacity`, report);
    checkLoad(vehicle.initialLoad, `${field}.initialLoad`, report);
    if (vehicle.shift) checkWindows([vehicle.shift], `${field}.shift`, report);
    if (!problem.profiles[vehicle.profile ?? 0]) report(`${field}.profile`, 'names a profile that is not there');
    for (const fraction of vehicle.initialFractions ?? []) checkFraction(fraction, `${field}.initialFractions`, report);
    for (const [part, { fraction, load }] of (vehicle.initialParts ?? []).entries()) {
      checkFraction(fraction, `${field}.initialParts[${part}].fraction`, report);
      checkLoad(load, `${field}.initialParts[${part}].load`, report);
    }
    checkBreakRules(vehicle, field, report);
    checkVehicleRules(vehicle, field, report);
    for (const code of vehicle.locked ?? []) {
      const known = code >= 0 ? problem.stops[code] : problem.sites?.[~code];
      if (!known) report(`${field}.locked`, `${code} is neither a stop nor ~site`);
      else if (code >= 0 && owner.has(code)) report(`${field}.locked`, `stop ${code} is locked twice`);
      else owner.set(code, index);
    }
  }
}

/** Finds every fault in a problem: sizes, indices, windows and loads; an empty list means it can be solved. */
export function validate(problem: Problem): Fault[] {
  const faults: Fault[] = [];
  const report: Report = (field, message) => {
    faults.push({ field, message });
  };
  const place = (location: number, field: string): void => {
    const inside = Number.isInteger(location) && location >= 0 && location < problem.locations;
    if (!inside) report(field, `must be a location 0…${problem.locations - 1}`);
  };
  checkMatrices(problem, report);
  for (const [index, stop] of problem.stops.entries()) {
    const field = `stops[${index}]`;
    place(stop.location, `${field}.location`);
    checkLoad(stop.load, `${field}.load`, report);
    checkWindows(stop.windows, `${field}.windows`, report);
    checkFraction(stop.fraction ?? 0, `${field}.fraction`, report);
    checkWay(problem, index, report);
    if (!((stop.serviceS ?? 0) >= 0)) report(`${field}.serviceS`, 'must be 0 or more');
    if (stop.releaseS !== undefined && !Number.isFinite(stop.releaseS))
      report(`${field}.releaseS`, 'must be a number of seconds; leave it out when any time will do');
    if (!((stop.prize ?? 0) >= 0)) report(`${field}.prize`, 'must be 0 or more; leave it out for a required stop');
    checkHours(problem, stop, field, report);
    checkStopRules(problem, stop, field, report);
    for (const vehicle of stop.allowedVehicles ?? []) {
      if (!problem.vehicles[vehicle]) report(`${field}.allowedVehicles`, `there is no vehicle ${vehicle}`);
    }
  }
  for (const [index, site] of (problem.sites ?? []).entries()) {
    place(site.location, `sites[${index}].location`);
    checkWindows(site.windows, `sites[${index}].windows`, report);
    checkQueue(site, `sites[${index}]`, report);
    for (const fraction of site.fractions ?? []) checkFraction(fraction, `sites[${index}].fractions`, report);
  }
  checkVehicles(problem, place, report);
  checkPlanRules(problem, report);
  return faults;
}
