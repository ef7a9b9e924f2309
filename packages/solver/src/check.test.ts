import { expect, test } from 'vitest';
import { check } from './check.ts';
import type { Violation } from './check.ts';
import { createTown } from './fixtures.ts';
import type { Problem, Vehicle } from './problem.ts';
import type { Route, Solution, Visit } from './solution.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

const town = createTown(7, { stops: 16, windows: true, prizes: true, disposal: true, capacity: 700, timeCost: true });
const { solution } = solve(town, afterIterations(400), { seed: 1 });

type Code = Violation['code'];
const codes = (problem: Problem, plan: Solution): Code[] => check(problem, plan).violations.map(({ code }) => code);
const first = solution.routes[0]!;

function withRoute(change: Partial<Route>): Solution {
  return { ...solution, routes: [{ ...first, ...change }, ...solution.routes.slice(1)] };
}

function withVisit(index: number, change: Partial<Visit>): Solution {
  return withRoute({ visits: first.visits.map((visit, i) => (i === index ? { ...visit, ...change } : visit)) });
}

function withVehicle(change: Partial<Vehicle>): Problem {
  return { ...town, vehicles: town.vehicles.map((vehicle) => ({ ...vehicle, ...change })) };
}

const stopAt = first.visits.findIndex(({ kind }) => kind === 'stop');
const served = first.visits[stopAt]!.index;

test('a plan as found passes, and its cost is confirmed', () => {
  expect(check(town, solution)).toMatchObject({ ok: true, violations: [] });
  expect(check(town, solution).cost).toBeCloseTo(solution.cost, 6);
});

const PLANTED: Record<string, [Code, () => Code[]]> = {
  'a wrong cost': ['COST_WRONG', () => codes(town, { ...solution, cost: solution.cost - 1 })],
  'a stop left out of both lists': [
    'STOP_LOST',
    () => codes(town, withRoute({ visits: first.visits.filter((_, i) => i !== stopAt) })),
  ],
  'a stop served twice': [
    'SERVED_TWICE',
    () => codes(town, withRoute({ visits: [...first.visits, first.visits[stopAt]!] })),
  ],
  'an arrival earlier than the drive allows': [
    'TIME_INCONSISTENT',
    () => codes(town, withVisit(stopAt, { arriveS: first.visits[stopAt]!.arriveS - 5 })),
  ],
  'a service cut short': [
    'TIME_INCONSISTENT',
    () => codes(town, withVisit(stopAt, { departS: first.visits[stopAt]!.startS })),
  ],
  'a departure before a stop is released': [
    'BEFORE_RELEASE',
    () => codes({ ...town, stops: town.stops.map((stop) => ({ ...stop, releaseS: 1e6 })) }, solution),
  ],
  'a start outside the windows': [
    'WINDOW_MISSED',
    () => codes({ ...town, stops: town.stops.map((stop) => ({ ...stop, windows: [[1e6, 2e6] as const] })) }, solution),
  ],
  'a shift that ends before the route': [
    'SHIFT_EXCEEDED',
    () => codes(withVehicle({ shift: [0, first.endS - 1] }), solution),
  ],
  'a departure before the shift': [
    'SHIFT_EXCEEDED',
    () => codes(withVehicle({ shift: [first.departS + 1, 1e6] }), solution),
  ],
  'a duty too long': ['DURATION_EXCEEDED', () => codes(withVehicle({ maxDurationS: first.durationS - 1 }), solution)],
  'an overloaded truck': ['OVER_CAPACITY', () => codes(withVehicle({ capacity: [10, 10] }), solution)],
  'a stated load that is not there': ['OVER_CAPACITY', () => codes(town, withVisit(stopAt, { loadAfter: [0, 0] }))],
  'a site that refuses the fraction': [
    'NO_SITE_FOR_FRACTION',
    () => codes({ ...town, sites: town.sites!.map((site) => ({ ...site, fractions: [4] })) }, solution),
  ],
  'a vehicle that may not come': [
    'VEHICLE_NOT_ALLOWED',
    () =>
      codes(
        { ...town, stops: town.stops.map((stop, i) => (i === served ? { ...stop, allowedVehicles: [] } : stop)) },
        solution,
      ),
  ],
  'a required stop left out': [
    'REQUIRED_UNSERVED',
    () =>
      codes(
        { ...town, stops: town.stops.map((stop) => ({ ...stop, prize: undefined })) },
        { ...solution, routes: [], unserved: town.stops.map((_, i) => i) },
      ),
  ],
  'a broken lock': [
    'LOCK_BROKEN',
    () =>
      codes(
        withVehicle({ locked: [first.visits.at(-1)!.kind === 'stop' ? ~0 : first.visits.at(-1)!.index] }),
        solution,
      ),
  ],
  'two routes of one vehicle': ['VEHICLE_UNKNOWN', () => codes(town, { ...solution, routes: [first, first] })],
  'a leg without a way': [
    'LEG_UNREACHABLE',
    () =>
      codes(
        { ...town, profiles: [{ ...town.profiles[0]!, distanceM: town.profiles[0]!.distanceM.map(() => 1e9) }] },
        solution,
      ),
  ],
};

for (const [name, [code, plant]] of Object.entries(PLANTED)) {
  test(`the check catches ${name}`, () => {
    expect(plant()).toContain(code);
  });
}
