import { expect, test } from 'vitest';
import { createTown } from './fixtures.ts';
import { EURO_DEFAULTS, vehicleCosts } from './prices.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

test('an hour, a kilometre and a shift cost in a plan what the prices say', () => {
  const costs = vehicleCosts({
    ...EURO_DEFAULTS,
    perCrewHour: 36,
    perKm: 1,
    perTonneCo2: 100,
    co2KgPerKm: 1,
    perVehicleShift: 50,
  });
  const town = createTown(2, { stops: 10, vehicles: 2 });
  const problem = { ...town, vehicles: town.vehicles.map((vehicle) => ({ ...vehicle, ...costs })) };
  const { solution } = solve(problem, afterIterations(100), { seed: 1 });
  const euros = solution.routes.length * 50 + solution.distanceM * 0.0011 + solution.durationS * 0.01;
  expect(solution.cost / 100).toBeCloseTo(euros, 6);
});
