import { conventionFor } from './conventions.ts';
import type { Convention } from './conventions.ts';
import type { Customer, Depot, Sheet } from './sheet.ts';

/** A route in the file's terms: customer numbers, 0 for loading again at the depot. */
export interface SheetRoute {
  /** index in file order, from 0 */
  readonly vehicle: number;
  readonly visits: readonly number[];
}

/** What a set of routes costs in the file's units, and every rule of the file that it breaks. */
export interface SheetScore {
  readonly cost: number;
  readonly distance: number;
  readonly violations: readonly string[];
}

/** What a score is made with. */
interface Scorer {
  readonly sheet: Sheet;
  readonly convention: Convention;
  readonly byNumber: ReadonlyMap<number, Customer>;
  readonly violations: string[];
}

/** A clock that knows how much later the route could have left without ending later (Savelsbergh 1992). */
interface Clock {
  at: number;
  waited: number;
  slack: number;
}

/** Splits a route at its reloads. */
function tripsOf(visits: readonly number[]): number[][] {
  const trips: number[][] = [[]];
  for (const visit of visits) {
    if (visit === 0) trips.push([]);
    else trips.at(-1)!.push(visit);
  }
  return trips;
}

function begin(clock: Clock, window: readonly [number, number] | undefined, late: (by: number) => void): void {
  const [open, close] = window ?? [-Infinity, Infinity];
  if (clock.at < open) {
    clock.waited += open - clock.at;
    clock.at = open;
  }
  if (clock.at > close + 1e-6) late(clock.at - close);
  clock.slack = Math.min(clock.slack, close - clock.at + clock.waited);
}

function wholeWindow(of: Customer | Depot, { whole }: Convention): readonly [number, number] | undefined {
  return of.window && [whole(of.window[0]), whole(of.window[1])];
}

/** Drives a route as early as it goes; returns its length inside the solver's scale. */
function driveRoute(scorer: Scorer, route: SheetRoute): number {
  const { sheet, convention, byNumber, violations } = scorer;
  const { whole, wholeTime } = convention;
  const where = `route of vehicle ${route.vehicle}`;
  const vehicle = sheet.vehicles[route.vehicle]!;
  const home = sheet.depots[vehicle.depot]!;
  const homeWindow = wholeWindow(home, convention);
  const clock: Clock = { at: homeWindow?.[0] ?? 0, waited: 0, slack: Infinity };
  let [place, distance, began] = [home.node, 0, NaN];
  const go = (to: number): void => {
    const real = sheet.length(place, to);
    distance += whole(real);
    clock.at += wholeTime(real);
    place = to;
  };
  const late = (what: string) => (by: number) => violations.push(`${where}: ${by} late at ${what}`);
  for (const [index, trip] of tripsOf(route.visits).entries()) {
    const customers = trip.map((number) => byNumber.get(number)!);
    if (index > 0) go(home.node);
    const released = Math.max(0, ...customers.map(({ releaseTime }) => whole(releaseTime ?? 0)));
    const [open, close] = homeWindow ?? [-Infinity, Infinity];
    begin(clock, [Math.max(open, released), Math.max(close, released)], late('the depot'));
    if (index === 0) {
      began = clock.at;
      clock.waited = 0;
      clock.slack = Math.max(0, close - clock.at);
    }
    const load = customers.reduce((sum, customer) => sum + customer.demand, 0);
    const over = load - (vehicle.capacity ?? Infinity);
    if (over > 1e-6) violations.push(`${where}: carries ${over} too much`);
    for (const customer of customers) {
      go(customer.node);
      begin(clock, wholeWindow(customer, convention), late(`customer ${customer.number}`));
      clock.at += whole(customer.serviceTime);
    }
  }
  go(home.node);
  begin(clock, [-Infinity, homeWindow?.[1] ?? Infinity], late('the depot'));
  const least = clock.at - began - Math.min(clock.slack, clock.waited);
  const longest = vehicle.maxDuration === undefined ? Infinity : whole(vehicle.maxDuration);
  if (least > longest + 1e-6) violations.push(`${where}: lasts ${least - longest} too long`);
  return distance;
}

/** Counts visits, and tells customers that are unknown, served twice, left out, or with the wrong vehicle. */
function checkService({ sheet, byNumber, violations }: Scorer, routes: readonly SheetRoute[]): Set<number> {
  const served = new Set<number>();
  for (const { vehicle, visits } of routes) {
    for (const number of visits) {
      const customer = byNumber.get(number);
      if (number === 0 && sheet.reloadDepots.length === 0) violations.push('a reload, which the file does not allow');
      else if (number !== 0 && !customer) violations.push(`customer ${number} is not in the file`);
      else if (served.has(number) && number !== 0) violations.push(`customer ${number} is served twice`);
      if (customer?.allowedVehicles?.includes(vehicle) === false)
        violations.push(`customer ${number} may not be served by vehicle ${vehicle}`);
      served.add(number);
    }
  }
  for (const { number, prize } of sheet.customers)
    if (prize === undefined && !served.has(number)) violations.push(`customer ${number} is not served`);
  return served;
}

/**
 * Scores routes against the sheet alone, sharing nothing with the search or the problem made for it.
 * Lengths, times and prizes are rounded as the sheet's convention says.
 */
export function scoreSheet(sheet: Sheet, routes: readonly SheetRoute[]): SheetScore {
  const convention = conventionFor(sheet.convention, sheet);
  const byNumber = new Map(sheet.customers.map((customer) => [customer.number, customer]));
  const scorer: Scorer = { sheet, convention, byNumber, violations: [] };
  const { violations } = scorer;
  const served = checkService(scorer, routes);
  const used = routes.filter((route) => route.visits.length > 0);
  const known = used.filter(
    ({ vehicle, visits }) => sheet.vehicles[vehicle] && visits.every((v) => v === 0 || byNumber.has(v)),
  );
  if (known.length < used.length && used.some(({ vehicle }) => !sheet.vehicles[vehicle]))
    violations.push(`more routes than the ${sheet.vehicles.length} vehicles, or a vehicle that is not in the file`);
  if (new Set(used.map((route) => route.vehicle)).size < used.length) violations.push('a vehicle drives two routes');
  let [cost, distance] = [0, 0];
  for (const route of known) {
    const { unitCost, fixedCost } = sheet.vehicles[route.vehicle]!;
    // without rounding the solver's whole numbers are a detour: add up what the file says
    const metres =
      sheet.convention === 'real' ? realLength(scorer, route) : driveRoute(scorer, route) / convention.costUnit;
    if (sheet.convention === 'real') driveRoute(scorer, route);
    const fixed =
      sheet.convention === 'real' ? (fixedCost ?? 0) : convention.whole(fixedCost ?? 0) / convention.costUnit;
    distance += metres;
    cost += fixed + metres * (unitCost ?? 1);
  }
  for (const { number, prize } of sheet.customers) {
    if (prize === undefined || served.has(number)) continue;
    cost += sheet.convention === 'real' ? prize : convention.whole(prize) / convention.costUnit;
  }
  return { cost: tidy(cost), distance: tidy(distance), violations };
}

function realLength({ sheet, byNumber }: Scorer, { vehicle, visits }: SheetRoute): number {
  const home = sheet.depots[sheet.vehicles[vehicle]!.depot]!.node;
  const nodes = [home, ...visits.map((number) => (number === 0 ? home : byNumber.get(number)!.node)), home];
  return nodes.slice(1).reduce((sum, node, i) => sum + sheet.length(nodes[i]!, node), 0);
}

/** Takes the noise of adding off: six decimals are more than any convention has. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
