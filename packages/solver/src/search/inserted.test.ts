import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import type { FixtureOptions } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRandom } from '../random.ts';
import { createInserter } from './insertion.ts';
import { findNeighbours } from './neighbours.ts';
import type { RouteState } from './route-state.ts';
import { createState, insertAt, refresh } from './state.ts';
import type { State } from './state.ts';

const picture = (state: State, route: RouteState): object => ({
  cost: Math.round(route.cost * 1e6),
  leaveS: [...route.leaveS.subarray(0, route.len + 1)],
  dueS: [...route.dueS.subarray(1, route.len + 2)],
  tripLoad: [...route.tripLoad.subarray(0, state.model.siteCount ? (route.len + 1) * state.model.dims : 2)],
  ends: [route.headFrom, route.headTo, route.headArc, route.tailFrom, route.tailArc],
  positions: [...state.posOf],
  legs: [...state.afterPlace],
});

const VARIANTS: Record<string, FixtureOptions> = {
  capacity: { stops: 20, capacity: 1_500 },
  'a shift': { stops: 20, capacity: 3_000, shiftS: 9_000 },
  'several windows': { stops: 20, capacity: 3_000, windows: true },
  'several windows and disposal visits': { stops: 20, capacity: 700, windows: true, disposal: true },
};

test.each(Object.entries(VARIANTS))(
  'what an insertion updates equals what a refresh computes, with %s',
  (_, options) => {
    let inserted = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const state = createState(compile(createTown(seed, options)));
      const inserter = createInserter(state, findNeighbours(state.model), createRandom(seed));
      for (let stop = 0; stop < state.model.stopCount; stop++) {
        const place = inserter.find(stop, Infinity, 0);
        if (place.route < 0) continue;
        const route = state.routes[place.route]!;
        insertAt(state, route, place);
        const updated = picture(state, route);
        refresh(state, route);
        expect(picture(state, route)).toEqual(updated);
        inserted++;
      }
    }
    expect(inserted).toBeGreaterThan(100);
  },
);
