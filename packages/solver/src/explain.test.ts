import { expect, test } from 'vitest';
import { explain } from './explain.ts';
import { createTown } from './fixtures.ts';
import type { Problem } from './problem.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

/** Depot, and one stop 600 s and 5 km away. */
function lonely(change: Partial<Problem>): Problem {
  const distanceM = Int32Array.of(0, 5_000, 5_000, 0);
  const durationS = Int32Array.of(0, 600, 600, 0);
  return {
    locations: 2,
    profiles: [{ distanceM, durationS }],
    stops: [{ location: 1, serviceS: 300, load: [200] }],
    vehicles: [{ startLocation: 0, endLocation: 0 }],
    ...change,
  };
}

function reasonFor(change: Partial<Problem>): ReturnType<typeof explain>[number] {
  const problem = lonely(change);
  const { solution } = solve(problem, afterIterations(20), { seed: 1 });
  return explain(problem, solution)[0]!;
}

test('a shift that is 12 minutes short names the overtime that would serve the stop', () => {
  const reason = reasonFor({ vehicles: [{ startLocation: 0, endLocation: 0, shift: [0, 780] }] });
  expect(reason).toMatchObject({
    code: 'SHIFT_EXCEEDED',
    served: false,
    relaxation: { vehicle: 0, amount: 720, unit: 's' },
  });
  expect(reason.text).toContain('+12 min overtime on vehicle 0 would serve it');
});

test('a truck too small names the capacity that is short', () => {
  const reason = reasonFor({ vehicles: [{ startLocation: 0, endLocation: 0, capacity: [150] }] });
  expect(reason).toMatchObject({ code: 'OVER_CAPACITY', relaxation: { amount: 50, unit: 'load' } });
});

test('each other rule has its own reason', () => {
  const truck = { startLocation: 0, endLocation: 0 };
  const stop = { location: 1, serviceS: 300, load: [200] };
  expect(reasonFor({ stops: [{ ...stop, windows: [[0, 300]] }] })).toMatchObject({
    code: 'WINDOW_MISSED',
    relaxation: { amount: 300 },
  });
  expect(reasonFor({ vehicles: [{ ...truck, maxDurationS: 1_440 }] })).toMatchObject({
    code: 'DURATION_EXCEEDED',
    relaxation: { amount: 60 },
  });
  expect(reasonFor({ stops: [{ ...stop, allowedVehicles: [] }] })).toMatchObject({ code: 'VEHICLE_NOT_ALLOWED' });
  expect(reasonFor({ vehicles: [{ ...truck, mustEndEmpty: true }] })).toMatchObject({ code: 'NO_SITE_FOR_FRACTION' });
  expect(reasonFor({ vehicles: [] })).toMatchObject({ code: 'NO_VEHICLES' });
  const closed = Int32Array.of(0, 1e9, 1e9, 0);
  expect(reasonFor({ profiles: [{ distanceM: closed, durationS: closed }] })).toMatchObject({ code: 'UNREACHABLE' });
});

test('a stop with several rules against it names the commonest', () => {
  const truck = { startLocation: 0, endLocation: 0, capacity: [10], shift: [0, 60] as const };
  const reason = reasonFor({ vehicles: [truck] });
  expect(reason.relaxation).toBeUndefined();
  expect(['OVER_CAPACITY', 'SHIFT_EXCEEDED']).toContain(reason.code);
});

test('an optional stop says what it adds against what leaving it costs, served or not', () => {
  const stop = { location: 1, serviceS: 300, load: [200] };
  expect(reasonFor({ stops: [{ ...stop, prize: 9_000 }] })).toMatchObject({
    served: false,
    code: 'NOT_WORTH_ITS_PRIZE',
    addedCost: 10_000,
    prize: 9_000,
  });
  expect(reasonFor({ stops: [{ ...stop, prize: 11_000 }] })).toMatchObject({
    served: true,
    code: 'WORTH_ITS_PRIZE',
    addedCost: 10_000,
    addedDistanceM: 10_000,
  });
});

test('every stop left out and every optional stop served has one reason', () => {
  const town = createTown(8, {
    stops: 30,
    prizes: true,
    disposal: true,
    windows: true,
    timeCost: true,
    capacity: 600,
    vehicles: 2,
  });
  const { solution } = solve(town, afterIterations(300), { seed: 1 });
  const expected = town.stops.flatMap(({ prize }, stop) =>
    prize !== undefined || solution.unserved.includes(stop) ? [stop] : [],
  );
  const reasons = explain(town, solution);
  expect(reasons.map(({ stop }) => stop)).toEqual(expected);
  for (const { text } of reasons) expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test('a plan that was not searched says so', () => {
  const problem = lonely({});
  const { solution } = solve(lonely({ vehicles: [] }), afterIterations(1), { seed: 1 });
  expect(explain(problem, solution)[0]).toMatchObject({ code: 'NOT_CHOSEN', addedCost: 10_000 });
});
