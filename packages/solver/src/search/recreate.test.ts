import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRandom } from '../random.ts';
import { createJournal } from './journal.ts';
import { findNeighbours } from './neighbours.ts';
import { createOrders, recreate } from './recreate.ts';
import { createState } from './state.ts';

/** Stops that one attempt offers a place when every stop is left out and none finds one. */
function offeredOf(stops: number): Set<number> {
  const model = compile(createTown(2, { stops, vehicles: 4 }));
  const state = createState(model);
  const offered = new Set<number>();
  const inserter = {
    find: (stop: number) => {
      offered.add(stop);
      return { route: -1, gap: 0, a: stop, b: -1, cost: 0 };
    },
  };
  const random = createRandom(1);
  const context = { state, neighbours: findNeighbours(model), random, journal: createJournal(state), inserter };
  recreate({ ...context, orders: createOrders(model), optional: false }, [], 0);
  return offered;
}

test('an attempt offers all required stops left out a place, or a few where far more are required than fit', () => {
  expect(offeredOf(20).size).toBe(20);
  const few = offeredOf(400).size;
  expect(few).toBeGreaterThan(20);
  expect(few).toBeLessThan(60);
});
