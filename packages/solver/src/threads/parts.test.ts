import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRandom } from '../random.ts';
import { findNeighbours } from '../search/neighbours.ts';
import { construct } from '../search/start.ts';
import { createState } from '../search/state.ts';
import { divide } from './parts.ts';

test('a plan falls into parts of alike size, of routes that lie side by side, with the stops left out and idle vehicles', () => {
  const model = compile(createTown(2, { stops: 300, vehicles: 40, capacity: 2_500, prizes: true }));
  const state = createState(model);
  const neighbours = findNeighbours(model);
  construct(state, neighbours, createRandom(1), { initial: undefined, stop: () => 0 });
  expect(state.absentCount).toBeGreaterThan(0);
  const { ofVehicle, ofStop } = divide(state, neighbours, { count: 3, random: createRandom(4) });
  expect(divide(state, neighbours, { count: 3, random: createRandom(4) })).toEqual({ ofVehicle, ofStop });
  const served = 300 - state.absentCount;
  const idle = state.routes.filter(({ len }) => len === 0);
  for (const part of [0, 1, 2]) {
    const stops = [...ofStop.keys()].filter((stop) => ofStop[stop] === part && state.routeOf[stop]! >= 0);
    expect(stops.length).toBeGreaterThan(served / 6);
    for (const stop of stops) expect(ofVehicle[state.routeOf[stop]!]).toBe(part);
    expect(idle.some(({ vehicle }) => ofVehicle[vehicle] === part)).toBe(true);
  }
  // of the five nearest stops most are in the same part, which one in three would be by chance
  let [near, same] = [0, 0];
  for (let stop = 0; stop < 300; stop++)
    for (let k = 0; k < 5; k++, near++)
      if (ofStop[neighbours.list[stop * neighbours.width + k]!] === ofStop[stop]) same++;
  expect(same / near).toBeGreaterThan(0.6);
});
