import { check } from './check.ts';
import { neglectedAreas } from './check/areas.ts';
import { legEnd, workEnd } from './check/clock.ts';
import { loadOf } from './check/contents.ts';
import { isOpen, releaseAfter } from './check/times.ts';
import type { Violation } from './check.ts';
import type { Problem, Stop, Window } from './problem.ts';
import type { Break, Route, Visit } from './solution.ts';

// For tests: tries every set of stops, order, disposal visit and break, with the independent checker as the only judge.
// It shares no code with the search.

type Call = Pick<Visit, 'kind' | 'index'>;

/** How far the enumeration goes. */
export interface BruteOptions {
  /** most disposal visits in one route */
  readonly tips?: number;
  /** most breaks in one route, and the lengths tried; everything in the problem is then a multiple of the shortest */
  readonly breaks?: number;
  readonly breakLengthsS?: readonly number[];
  /** departures tried beside the earliest, every so many seconds up to the end; needed when time costs money */
  readonly departEveryS?: number;
}

/** Standing still on purpose, per place: 2i before visit i starts, 2i+1 before it is left. */
type Pauses = ReadonlyMap<number, number>;

/** Whether a call may begin at a time: the place is open, and the work breaks no quiet hours. */
function mayStart(problem: Problem, { kind, index }: Call, vehicle: number, atS: number): boolean {
  if (kind === 'disposal') return isOpen(problem.sites![index]!, vehicle, atS);
  const stop = problem.stops[index]!;
  if (!isOpen(stop, vehicle, atS)) return false;
  const endS = atS + (stop.serviceS ?? 0);
  return !(problem.quietHours ?? []).some(
    ({ spans, fractions, stops }) =>
      (!fractions || fractions.includes(stop.fraction ?? 0)) &&
      (!stops || stops.includes(index)) &&
      spans.some(([beginS, quietEndS]) => atS < quietEndS && endS > beginS),
  );
}

function nextOpen(problem: Problem, call: Call, vehicle: number, readyS: number): number {
  const place: Pick<Stop, 'windows' | 'hours'> =
    call.kind === 'stop' ? problem.stops[call.index]! : problem.sites![call.index]!;
  const opens = [readyS];
  const note = (atS: number): void => void (atS > readyS && opens.push(atS));
  const lists: readonly (readonly Window[] | undefined)[] = [
    place.windows,
    ...(place.hours ?? []).map((h) => h.windows),
  ];
  for (const windows of lists) for (const [openS] of windows ?? []) note(openS);
  for (const { spans } of problem.quietHours ?? []) for (const [, endS] of spans) note(endS);
  opens.sort((x, y) => x - y);
  return opens.find((atS) => mayStart(problem, call, vehicle, atS)) ?? readyS;
}

/** What a charger must give: enough, with what is left, to reach the next one or the end with the reserve. */
function chargeAt(
  problem: Problem,
  vehicle: number,
  calls: readonly Call[],
  here: number,
  visits: readonly Visit[],
): number {
  const truck = problem.vehicles[vehicle]!;
  const { battery } = truck;
  const placeOf = ({ kind, index }: Call): number =>
    (kind === 'stop' ? problem.stops : problem.sites!)[index]!.location;
  if (!battery || !problem.sites![calls[here]!.index]!.chargeKw) return 0;
  const kwh = (from: number, to: number): number =>
    (battery.kwhPerKm * problem.profiles[truck.profile ?? 0]!.distanceM[from * problem.locations + to]!) / 1_000;
  const uses = (call: Call): number => (call.kind === 'stop' ? (problem.stops[call.index]!.energyKwh ?? 0) : 0);
  let level = battery.startKwh ?? battery.capacityKwh;
  let at = truck.startLocation;
  for (let i = 0; i <= here; i++) {
    level += (i > 0 ? (visits[i - 1]!.chargedKwh ?? 0) : 0) - kwh(at, placeOf(calls[i]!)) - uses(calls[i]!);
    at = placeOf(calls[i]!);
  }
  let ahead = battery.reserveKwh ?? 0;
  for (let i = here + 1; i <= calls.length; i++) {
    const to = i < calls.length ? placeOf(calls[i]!) : truck.endLocation;
    ahead += kwh(at, to) + (i < calls.length ? uses(calls[i]!) : 0);
    at = to;
    if (i < calls.length && calls[i]!.kind === 'disposal' && problem.sites![calls[i]!.index]!.chargeKw) break;
  }
  return Math.max(0, Math.min(battery.capacityKwh, ahead) - level);
}

/** Drives calls as early as can be from a departure, with pauses; the checker says whether that is lawful. */
function drive(
  problem: Problem,
  vehicle: number,
  calls: readonly Call[],
  when: { departS: number; pauses: Pauses },
): Route {
  const truck = problem.vehicles[vehicle]!;
  const visits: Visit[] = calls.map((call) => ({ ...call, arriveS: 0, startS: 0, departS: 0, loadAfter: [] }));
  const breaks: Break[] = [];
  const noteBreak = (startS: number, endS: number): void => {
    if (truck.breaks && endS - startS >= truck.breaks.leastPartS) breaks.push({ startS, endS });
  };
  let [at, metres] = [truck.startLocation, 0];
  const departS = Math.max(when.departS, releaseAfter(problem, { visits }, -1));
  let clock = departS;
  for (const [i, { kind, index }] of calls.entries()) {
    const target = kind === 'stop' ? problem.stops[index]! : problem.sites![index]!;
    const arriveS = legEnd(problem, truck, { from: at, to: target.location, leaveS: clock });
    const startS = nextOpen(problem, { kind, index }, vehicle, arriveS + (when.pauses.get(2 * i) ?? 0));
    visits[i] = { ...visits[i]!, arriveS, startS };
    if (kind === 'disposal') visits[i] = { ...visits[i]!, chargedKwh: chargeAt(problem, vehicle, calls, i, visits) };
    const doneS = workEnd(problem, truck, visits, i);
    const release = kind === 'disposal' ? releaseAfter(problem, { visits }, i) : -Infinity;
    const leaveS = Math.max(doneS + (when.pauses.get(2 * i + 1) ?? 0), release);
    visits[i] = { ...visits[i]!, departS: doneS, leaveS };
    noteBreak(arriveS, startS);
    noteBreak(doneS, leaveS);
    metres += problem.profiles[truck.profile ?? 0]!.distanceM[at * problem.locations + target.location]!;
    [at, clock] = [target.location, leaveS];
  }
  const endS = legEnd(problem, truck, { from: at, to: truck.endLocation, leaveS: clock });
  metres += problem.profiles[truck.profile ?? 0]!.distanceM[at * problem.locations + truck.endLocation]!;
  const route = { vehicle, departS, visits, endS, distanceM: metres, durationS: endS - departS, cost: 0 };
  return truck.breaks ? { ...route, breaks } : route;
}

/** States what is aboard after each visit, as the problem has it. */
function withLoads(problem: Problem, route: Route): Route {
  const { initialLoad = [] } = problem.vehicles[route.vehicle]!;
  let aboard = [...initialLoad];
  const visits = route.visits.map((visit) => {
    const stop = problem.stops[visit.index];
    const load = stop ? loadOf(stop) : [];
    const length = Math.max(aboard.length, load.length);
    aboard = Array.from({ length }, (_, k) => (visit.kind === 'disposal' ? 0 : (aboard[k] ?? 0) + (load[k] ?? 0)));
    return { ...visit, loadAfter: aboard };
  });
  return { ...route, visits };
}

/** The problem of one vehicle alone, where nothing need be served. */
function alone(problem: Problem, vehicle: number): Problem {
  return {
    ...problem,
    areas: undefined,
    stops: problem.stops.map((stop) => ({ ...stop, prize: 0 })),
    vehicles: problem.vehicles.map((truck, index) => (index === vehicle ? truck : { ...truck, locked: [] })),
  };
}

/** Cost of a route on its own if it breaks no rule, else the codes of what it breaks. */
function judge(problem: Problem, route: Route): { cost: number; codes: Set<Violation['code']> } {
  const served = new Set(route.visits.filter(({ kind }) => kind === 'stop').map(({ index }) => index));
  const unserved = problem.stops.map((_, index) => index).filter((index) => !served.has(index));
  const totals = { distanceM: 0, durationS: 0, prizesLost: 0, feasible: true, cost: 0 };
  const { cost, violations } = check(problem, { ...totals, routes: [withLoads(problem, route)], unserved });
  return {
    cost,
    codes: new Set(
      violations.map(({ code }) => code).filter((code) => code !== 'COST_WRONG' && code !== 'REQUIRED_UNSERVED'),
    ),
  };
}

/** Every way to put at most so many breaks at places. */
function* pausesOf(places: number, most: number, lengths: readonly number[], from = 0): Generator<Map<number, number>> {
  yield new Map();
  if (most === 0) return;
  for (let place = from; place < places; place++) {
    for (const length of lengths) {
      for (const rest of pausesOf(places, most - 1, lengths, place + 1)) yield rest.set(place, length);
    }
  }
}

/** Least cost of one order of calls; undefined when a longer order cannot be lawful either. */
function costOf(
  problem: Problem,
  { vehicle, calls, known }: { vehicle: number; calls: readonly Call[]; known: number },
  options: BruteOptions,
): number | undefined {
  const earliestS = problem.vehicles[vehicle]!.shift?.[0] ?? 0;
  let best = Infinity;
  const first = judge(problem, drive(problem, vehicle, calls, { departS: earliestS, pauses: new Map() }));
  if (first.codes.size === 0) best = first.cost;
  // Pauses and later departures only delay: what comes too late, or does not fit, stays so.
  if (first.codes.has('WINDOW_MISSED') || first.codes.has('OVER_CAPACITY')) return undefined;
  const hopeless = [
    'VEHICLE_NOT_ALLOWED',
    'LEG_UNREACHABLE',
    'TOO_LATE',
    'TOO_UNFAMILIAR',
    'OVERLOAD_RISK',
    'NO_COMPARTMENT',
  ] as const;
  if (hopeless.some((code) => first.codes.has(code))) return undefined;
  if (first.codes.has('SHIFT_EXCEEDED') || first.codes.has('NO_SITE_FOR_FRACTION')) return Infinity;
  // Without a price of time, when the breaks come does not change what an order costs.
  const timeless = (problem.vehicles[vehicle]!.costPerS ?? 0) === 0;
  if (timeless && (best < Infinity || first.cost >= known)) return best;
  const { breaks = 0, breakLengthsS = [], departEveryS } = options;
  const lastS = departEveryS ? (problem.vehicles[vehicle]!.shift?.[1] ?? earliestS) : earliestS;
  for (let departS = earliestS; departS <= lastS; departS += departEveryS ?? 1) {
    for (const pauses of pausesOf(2 * calls.length, breaks, breakLengthsS)) {
      const { cost, codes } = judge(problem, drive(problem, vehicle, calls, { departS, pauses }));
      if (codes.size === 0) best = Math.min(best, cost);
      if (codes.size === 0 && timeless) return best;
    }
  }
  return best;
}

/** Least cost per set of stops, as bits, that one vehicle can serve in one route. */
function routeCosts(problem: Problem, vehicle: number, options: BruteOptions): Map<number, number> {
  const single = alone(problem, vehicle);
  const { locked = [], underWay, initialLoad } = problem.vehicles[vehicle]!;
  const costs = new Map<number, number>();
  const note = (set: number, cost: number): void => void costs.set(set, Math.min(costs.get(set) ?? Infinity, cost));
  const extend = (calls: readonly Call[], set: number, tips: number): void => {
    if (calls.length > 0 || underWay || initialLoad?.some((amount) => amount > 0)) {
      const cost = costOf(single, { vehicle, calls, known: costs.get(set) ?? Infinity }, options);
      if (cost === undefined) return;
      note(set, cost);
    } else note(0, 0);
    for (let index = 0; index < problem.stops.length; index++)
      if (!(set & (1 << index))) extend([...calls, { kind: 'stop', index }], set | (1 << index), tips);
    const last = calls.at(-1);
    for (let index = 0; tips < (options.tips ?? 3) && index < (problem.sites?.length ?? 0); index++)
      if (last?.kind !== 'disposal' || last.index !== index)
        extend([...calls, { kind: 'disposal', index }], set, tips + 1);
  };
  const prefix = locked.map((code): Call =>
    code >= 0 ? { kind: 'stop', index: code } : { kind: 'disposal', index: ~code },
  );
  extend(
    prefix,
    locked.reduce((set, code) => (code >= 0 ? set | (1 << code) : set), 0),
    0,
  );
  return costs;
}

/**
 * The least cost of a lawful plan.
 * @returns Infinity when no plan serves every required stop
 */
export function bruteForce(problem: Problem, options: BruteOptions = {}): number {
  let best = new Map([[0, 0]]);
  for (const vehicle of problem.vehicles.keys()) {
    const routes = routeCosts(problem, vehicle, options);
    const next = new Map<number, number>();
    for (const [done, cost] of best) {
      for (const [set, extra] of routes) {
        if (done & set) continue;
        next.set(done | set, Math.min(next.get(done | set) ?? Infinity, cost + extra));
      }
    }
    best = next;
  }
  let least = Infinity;
  for (const [served, cost] of best) {
    const out = [...problem.stops.keys()].filter((index) => !(served & (1 << index)));
    let lost = neglectedAreas(problem, out).length ? Infinity : 0;
    for (const [index, { prize, serveByS }] of problem.stops.entries())
      if (!(served & (1 << index))) lost += serveByS === undefined ? (prize ?? Infinity) : Infinity;
    least = Math.min(least, cost + lost);
  }
  return least;
}
