import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRoutePool } from './route-pool.ts';
import type { RouteState } from './route-state.ts';
import { assign, createState, dropStops } from './state.ts';
import type { State } from './state.ts';

function visit(state: State, vehicle: number, stops: readonly number[]): RouteState {
  const route = state.routes[vehicle]!;
  dropStops(state, route);
  assign(state, route, Int32Array.from(stops), stops.length);
  return route;
}

const town = createTown(1, { stops: 8, vehicles: 3, capacity: 1e6, disposal: true });
const [first, second, third] = town.vehicles;
const problem = { ...town, vehicles: [first!, second!, { ...third!, costPerM: 2 }] };

test('a pool keeps the cheapest order of the same stops, whichever vehicle of a class drove it', () => {
  const state = createState(compile(problem));
  const pool = createRoutePool(state, 100);
  const costs = [
    [0, 1, 2, 3],
    [2, 0, 3, 1],
    [3, 1, 0, 2, 8],
  ].map((stops, i) => {
    const route = visit(state, i % 2, stops);
    pool.note(route);
    return route.cost;
  });
  expect(pool.routes).toHaveLength(1);
  expect(pool.routes[0]!.cost).toBe(Math.min(...costs));
  pool.note(visit(state, 2, [0, 1, 2, 3]));
  pool.note(visit(state, 0, [0, 1, 2]));
  pool.note(visit(state, 1, []));
  expect(pool.routes.map(({ classId }) => classId)).toEqual([0, 1, 0]);
});

test('a full pool lets go of the rounds met longest ago, and forgets that it knew them', () => {
  const state = createState(compile(problem));
  const pool = createRoutePool(state, 6);
  const note = (stop: number): void => pool.note(visit(state, 0, [stop]));
  const stops = (): number[] => pool.routes.map(({ seq }) => seq[0]!).sort();
  for (const stop of [0, 1, 2, 3, 4, 5]) note(stop);
  note(0);
  note(6);
  expect(stops()).toEqual([0, 4, 5, 6]);
  note(1);
  expect(stops()).toEqual([0, 1, 4, 5, 6]);
});
