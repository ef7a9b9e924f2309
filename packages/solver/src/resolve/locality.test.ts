import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import type { Problem } from '../problem.ts';
import { orderLocations } from './locality.ts';

function withPaces(problem: Problem): Problem {
  const [profile] = problem.profiles;
  const durationS = profile!.durationS.map((seconds) => 2 * seconds + 1);
  return {
    ...problem,
    profiles: [
      {
        ...profile!,
        byTime: [
          { fromS: 9, durationS },
          { fromS: 99, factor: 2 },
        ],
      },
    ],
  };
}

/** Every leg between the places that a problem names, in order: start, end, sites, stops. */
function legsOf({ locations: n, profiles, stops, sites, vehicles }: Problem): number[] {
  const places = [
    ...vehicles.flatMap((vehicle) => [vehicle.startLocation, vehicle.endLocation]),
    ...[...sites!, ...stops].map(({ location }) => location),
  ];
  const matrices = profiles.flatMap(({ distanceM, durationS, byTime }) => [
    distanceM,
    durationS,
    ...byTime!.flatMap((period) => (period.durationS ? [period.durationS] : [])),
  ]);
  return matrices.flatMap((matrix) => places.flatMap((from) => places.map((to) => matrix[from * n + to]!)));
}

test('in a large matrix near places come to lie together, and every leg stays what it was', () => {
  const town = withPaces(createTown(3, { stops: 820, vehicles: 1, disposal: true }));
  const ordered = orderLocations(town);
  expect(legsOf(ordered)).toEqual(legsOf(town));
  const apart = ({ locations: n, profiles: [profile] }: Problem): number => {
    let sum = 0;
    for (let i = 0; i + 1 < n; i++) sum += profile!.distanceM[i * n + i + 1]!;
    return sum / (n - 1);
  };
  expect(apart(ordered)).toBeLessThan(apart(town) / 5);
  expect(Object.keys(ordered)).toEqual(Object.keys(town));
});

test('a small problem is left alone', () => {
  const town = createTown(3, { stops: 20 });
  expect(orderLocations(town)).toBe(town);
});
