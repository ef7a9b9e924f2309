import type { DisposalSite, Problem, Profile, Stop, Vehicle } from '../problem.ts';
import type { Report } from './report.ts';

function checkAscending(times: readonly number[], field: string, report: Report): void {
  for (const [index, fromS] of times.entries()) {
    if (!Number.isFinite(fromS)) report(`${field}[${index}].fromS`, 'must be a number of seconds');
    if (index > 0 && !(fromS > times[index - 1]!))
      report(`${field}[${index}].fromS`, 'is not after the one before; sort the periods');
  }
}

/** Faults in travel times by time of day. */
export function checkPeriods(profile: Profile, { field, size }: { field: string; size: number }, report: Report): void {
  const periods = profile.byTime ?? [];
  checkAscending(
    periods.map(({ fromS }) => fromS),
    field,
    report,
  );
  for (const [index, { factor, durationS }] of periods.entries()) {
    const at = `${field}[${index}]`;
    if ((factor === undefined) === (durationS === undefined)) report(at, 'needs a factor or durationS, and not both');
    if (factor !== undefined && !(factor > 0 && Number.isFinite(factor)))
      report(`${at}.factor`, 'must be above 0; close a road by windows or another profile');
    if (durationS && durationS.length !== size)
      report(`${at}.durationS`, `needs locations² = ${size} values, has ${durationS.length}`);
    if (durationS?.some((value, leg) => value < 0 || (value === 0 && profile.durationS[leg] !== 0)))
      report(`${at}.durationS`, 'must be above 0 wherever durationS is; no leg takes no time at one hour only');
  }
}

/** Faults in the queue of a site. */
export function checkQueue(site: DisposalSite, field: string, report: Report): void {
  const periods = site.queue ?? [];
  checkAscending(
    periods.map(({ fromS }) => fromS),
    `${field}.queue`,
    report,
  );
  for (const [index, { waitS }] of periods.entries())
    if (!(waitS >= 0 && Number.isFinite(waitS))) report(`${field}.queue[${index}].waitS`, 'must be 0 or more');
  const { weighInS = 0, tippingS = 0 } = site;
  if (!(weighInS >= 0 && weighInS <= tippingS))
    report(`${field}.weighInS`, `must be 0…${tippingS}: it is part of tippingS`);
}

/** Faults in hours that hold for some vehicles only. */
export function checkHours(problem: Problem, stop: Stop, field: string, report: Report): void {
  for (const [index, { vehicles, windows }] of (stop.hours ?? []).entries()) {
    const at = `${field}.hours[${index}]`;
    for (const vehicle of vehicles)
      if (!problem.vehicles[vehicle]) report(`${at}.vehicles`, `there is no vehicle ${vehicle}`);
    if (windows.length === 0) report(`${at}.windows`, 'is empty; leave the vehicle out of allowedVehicles instead');
    for (const [k, [openS, closeS]] of windows.entries()) {
      if (!(openS <= closeS)) report(`${at}.windows[${k}]`, 'opens after it closes; swap the two');
      if (k > 0 && !(openS > windows[k - 1]![1]))
        report(`${at}.windows[${k}]`, 'overlaps the one before; sort and merge the windows');
    }
  }
}

/** Faults in break rules, what was done of a duty, and cleaning. */
export function checkBreakRules({ breaks, soFar, cleanOutS }: Vehicle, field: string, report: Report): void {
  for (const [name, value] of Object.entries(soFar ?? {}))
    if (typeof value === 'number' && !(value >= 0)) report(`${field}.soFar.${name}`, 'must be 0 or more');
  if (soFar && !breaks) report(`${field}.soFar`, 'means nothing without breaks; add break rules or leave it out');
  if (!((cleanOutS ?? 0) >= 0)) report(`${field}.cleanOutS`, 'must be 0 or more');
  if (!breaks) return;
  const { leastPartS, owed = [], longestStretchS = Infinity, driving } = breaks;
  if (!(leastPartS > 0)) report(`${field}.breaks.leastPartS`, 'must be above 0, such as 900');
  for (const [index, { overS, breakS }] of owed.entries()) {
    const at = `${field}.breaks.owed[${index}]`;
    if (!(overS >= 0 && breakS >= leastPartS)) report(at, 'needs overS of 0 or more and breakS of at least leastPartS');
    if (index > 0 && !(overS > owed[index - 1]!.overS && breakS > owed[index - 1]!.breakS))
      report(at, 'must owe more, after more work, than the one before; sort them');
  }
  if (!(longestStretchS > 0)) report(`${field}.breaks.longestStretchS`, 'must be above 0');
  if (driving && !(driving.longestS > 0 && driving.firstS > 0 && driving.resetS >= driving.secondS))
    report(`${field}.breaks.driving`, 'needs longestS and firstS above 0 and resetS of at least secondS');
}
