import { expect, test } from 'vitest';
import type { Problem, Route } from '@ronde/solver';
import { timetableOf } from './timetable.ts';

test('a crew leaves at the start of its shift and waits where a place opens later, though the solver would leave late', () => {
  const legS = Int32Array.from([0, 60, 60, 60, 0, 60, 60, 60, 0]);
  const problem: Problem = {
    locations: 3,
    profiles: [{ distanceM: legS, durationS: legS }],
    stops: [
      { location: 1, serviceS: 100 },
      {
        location: 2,
        serviceS: 100,
        windows: [
          [10, 20],
          [5000, 6000],
        ],
      },
    ],
    vehicles: [{ startLocation: 0, endLocation: 0, shift: [600, 20_000] }],
  };
  const visit = (index: number) => ({ kind: 'stop' as const, index, arriveS: 0, startS: 0, departS: 0, loadAfter: [] });
  const route: Route = {
    vehicle: 0,
    departS: 4780,
    visits: [visit(0), visit(1)],
    endS: 5160,
    distanceM: 180,
    durationS: 380,
    cost: 0,
  };
  const table = timetableOf(problem, route);
  expect(table).toMatchObject({ departS: 600, startS: [660, 5000], openS: [undefined, 5000], endS: 5160 });
  const turned = timetableOf(problem, { ...route, visits: [visit(1), visit(0)] });
  expect(turned).toMatchObject({ departS: 4940, startS: [5000, 5160], endS: 5320 });
});
