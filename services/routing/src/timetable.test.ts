import { expect, test } from 'vitest';
import type { Problem, Route } from '@ronde/solver';
import { timetableOf } from './timetable.ts';

const legS = Int32Array.from([0, 60, 60, 60, 0, 60, 60, 60, 0]);
const visit = (index: number) => ({ kind: 'stop' as const, index, arriveS: 0, startS: 0, departS: 0, loadAfter: [] });

/** Two stops of 100 s each, all legs 60 s; the second opens at `opensS`. */
function times(opensS: number, order: number[], departS: number, underWay = false) {
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
          [opensS, opensS + 1000],
        ],
      },
    ],
    vehicles: [{ startLocation: 0, endLocation: 0, shift: [600, 20_000], underWay }],
  };
  const route: Route = {
    vehicle: 0,
    departS,
    visits: order.map(visit),
    endS: 0,
    distanceM: 180,
    durationS: 0,
    cost: 0,
  };
  return timetableOf(problem, route);
}

test('a crew leaves at the start of its shift and waits where a place opens a little later', () => {
  expect(times(2000, [0, 1], 1780)).toMatchObject({
    departS: 600,
    startS: [660, 2000],
    openS: [undefined, 2000],
    endS: 2160,
  });
});
test('a crew that would stand before a closed door for long leaves later, as far as it is back no later', () => {
  expect(times(9000, [0, 1], 8780)).toMatchObject({ startS: [9000 - 2700 - 160, 9000], endS: 9160 });
});
test('nobody waits at the first place', () => {
  expect(times(5000, [1, 0], 4940)).toMatchObject({ departS: 4940, startS: [5000, 5160], endS: 5320 });
});
test('a vehicle under way cannot leave later', () => {
  expect(times(9000, [0, 1], 8780, true)).toMatchObject({ departS: 600, startS: [660, 9000] });
});
