import { UNREACHABLE } from '../problem.ts';
import type { DisposalSite, Fault, Problem, Stop, Vehicle, Window } from '../problem.ts';
import { validate } from '../validate.ts';
import { conventionFor } from './conventions.ts';
import type { Convention } from './conventions.ts';
import { refuse } from './instance.ts';
import type { Parsed } from './instance.ts';
import type { ConventionName, Customer, Depot, Sheet, SheetVehicle } from './sheet.ts';

/** A file read into a sheet, or all that is wrong with it. */
export type SheetResult =
  { readonly ok: true; readonly sheet: Sheet } | { readonly ok: false; readonly faults: readonly Fault[] };

/** Int32Array n·n of whole lengths; one matrix for both where times are rounded as lengths are. */
function matrices(sheet: Sheet, convention: Convention): { distanceM: Int32Array; durationS: Int32Array } {
  const { nodes: n, length } = sheet;
  const { whole, wholeTime } = convention;
  const distanceM = new Int32Array(n * n);
  const durationS = whole === wholeTime ? distanceM : new Int32Array(n * n);
  for (let from = 0; from < n; from++) {
    for (let to = 0; to < n; to++) {
      const real = length(from, to);
      distanceM[from * n + to] = Math.min(UNREACHABLE, whole(real));
      if (durationS !== distanceM) durationS[from * n + to] = Math.min(UNREACHABLE, wholeTime(real));
    }
  }
  return { distanceM, durationS };
}

function windowOf(window: readonly [number, number] | undefined, { whole }: Convention): Window | undefined {
  return window && [whole(window[0]), whole(window[1])];
}

function toStop(customer: Customer, convention: Convention, loaded: boolean): Stop {
  const { node, demand, serviceTime, prize, releaseTime, allowedVehicles } = customer;
  const window = windowOf(customer.window, convention);
  return {
    location: node,
    ...(loaded ? { load: [demand] } : {}),
    ...(serviceTime > 0 ? { serviceS: convention.whole(serviceTime) } : {}),
    ...(window ? { windows: [window] } : {}),
    ...(prize === undefined ? {} : { prize: convention.whole(prize) }),
    ...(releaseTime ? { releaseS: convention.whole(releaseTime) } : {}),
    ...(allowedVehicles ? { allowedVehicles } : {}),
  };
}

function toVehicle(sheet: Sheet, convention: Convention, vehicle: SheetVehicle): Vehicle {
  const home = sheet.depots[vehicle.depot]!;
  const shift = windowOf(home.window, convention);
  return {
    startLocation: home.node,
    endLocation: home.node,
    ...(vehicle.capacity === undefined ? {} : { capacity: [vehicle.capacity] }),
    ...(shift ? { shift } : {}),
    ...(vehicle.maxDuration === undefined ? {} : { maxDurationS: convention.whole(vehicle.maxDuration) }),
    ...(vehicle.fixedCost === undefined ? {} : { fixedCost: convention.whole(vehicle.fixedCost) }),
    ...(vehicle.unitCost === undefined ? {} : { costPerM: vehicle.unitCost }),
  };
}

/** A depot where trucks load again is a site where they empty: what counts is what one trip may hold. */
function toSite(depot: Depot, convention: Convention): DisposalSite {
  const window = windowOf(depot.window, convention);
  return { location: depot.node, ...(window ? { windows: [window] } : {}) };
}

function toProblem(sheet: Sheet, convention: Convention): Problem {
  const loaded = sheet.customers.some((customer) => customer.demand > 0);
  const made = new Map<SheetVehicle, Vehicle>();
  const sites = sheet.reloadDepots.map((depot) => toSite(sheet.depots[depot]!, convention));
  return {
    locations: sheet.nodes,
    profiles: [matrices(sheet, convention)],
    stops: sheet.customers.map((customer) => toStop(customer, convention, loaded)),
    vehicles: sheet.vehicles.map((vehicle) => {
      const same = made.get(vehicle) ?? toVehicle(sheet, convention, vehicle);
      made.set(vehicle, same);
      return same;
    }),
    ...(sites.length ? { sites } : {}),
  };
}

/**
 * Turns a sheet into a problem in whole numbers.
 * @param rounding overrides the convention of the sheet's set
 */
export function toInstance(sheet: Sheet, rounding?: ConventionName): Parsed {
  const convention = conventionFor(rounding ?? sheet.convention, sheet);
  const problem = toProblem(sheet, convention);
  if (problem.profiles[0]!.distanceM.includes(UNREACHABLE)) {
    const message = `is too long to be kept with --rounding ${convention.name}; scale the file, or give another rounding`;
    return refuse({ field: 'a length', message });
  }
  const faults = validate(problem);
  if (faults.length) return refuse(...faults);
  return {
    ok: true,
    instance: {
      name: sheet.name,
      format: sheet.format,
      problem,
      stopNames: sheet.customers.map((customer) => String(customer.number)),
      vehicleNames: sheet.vehicles.map((_, index) => String(index)),
      siteNames: sheet.reloadDepots.map(() => '0'),
      notes: sheet.notes,
      sheet: { ...sheet, convention: convention.name },
    },
  };
}
