import { expect, test } from 'vitest';
import { arcCost } from '../evaluate.ts';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRandom } from '../random.ts';
import { assign, createState, dropStops } from '../search/state.ts';
import type { State } from '../search/state.ts';
import { OPERATORS } from './index.ts';
import type { Draft, Move } from './operator.ts';

/** A state with random routes; the rules do not matter for arcs, so any order will do. */
function randomState(seed: number): State {
  const town = createTown(seed, { stops: 14, vehicles: 3, capacity: 1e6, disposal: true });
  const [first, second, third] = town.vehicles;
  // Different costs and ends, so that a move between vehicles cannot borrow the wrong vehicle's legs.
  const vehicles = [
    { ...first!, locked: [0] },
    { ...second!, costPerM: 2, endLocation: 1 },
    { ...third!, costPerS: 3 },
  ];
  const state = createState(compile({ ...town, vehicles }));
  const random = createRandom(seed);
  const sequences: number[][] = [[0], [], []];
  for (let stop = 1; stop < 14; stop++) sequences[random.int(3)]!.push(stop, ...(random.float() < 0.2 ? [14] : []));
  for (const route of state.routes)
    assign(state, route, Int32Array.from(sequences[route.vehicle]!), sequences[route.vehicle]!.length);
  return state;
}

function arcs(state: State, { route, seq, len }: Draft): number {
  return arcCost(state.model, route.vehicle, seq, len);
}

for (const operator of OPERATORS) {
  test(`the delta of ${operator.name} equals a full evaluation before and after`, () => {
    let applied = 0;
    for (let seed = 1; seed <= 25; seed++) {
      const state = randomState(seed);
      const blank = { route: state.routes[0]!, seq: new Int32Array(2), len: 0 };
      const move: Move = { first: { ...blank }, second: { ...blank }, both: false };
      for (let a = 0; a < 14; a++) {
        for (let b = 0; b < 14; b++) {
          const delta = a === b ? Infinity : operator.delta(state, a, b);
          if (delta === Infinity) continue;
          operator.build(state, a, b, move);
          const drafts = move.both ? [move.first, move.second] : [move.first];
          const before = drafts.reduce(
            (sum, { route }) => sum + arcs(state, { route, seq: route.seq, len: route.len }),
            0,
          );
          const after = drafts.reduce((sum, draft) => sum + arcs(state, draft), 0);
          expect(delta).toBeCloseTo(after - before, 6);
          expect(drafts.flatMap(({ seq, len }) => [...seq.subarray(0, len)]).sort()).toEqual(
            drafts.flatMap(({ route }) => [...route.seq.subarray(0, route.len)]).sort(),
          );
          const locked = drafts.find(({ route }) => route.vehicle === 0);
          if (locked) expect(locked.seq[0]).toBe(0);
          applied++;
        }
      }
    }
    expect(applied).toBeGreaterThan(100);
  });
}

test('the cost kept by a state equals its routes and skipped stops after changes', () => {
  const state = randomState(3);
  for (const route of state.routes) dropStops(state, route);
  for (const route of state.routes) assign(state, route, Int32Array.from(route.locked ? [0] : []), route.locked);
  const skipped = state.absent
    .subarray(0, state.absentCount)
    .reduce((sum, stop) => sum + state.model.skipCost[stop]!, 0);
  const driven = state.routes.reduce((sum, route) => sum + route.cost, 0);
  expect(state.cost).toBeCloseTo(skipped + driven, 3);
  expect(state.absentCount).toBe(13);
});
