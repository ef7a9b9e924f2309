import { assign, dropStops } from './state.ts';
import type { RouteState } from './route-state.ts';
import type { State } from './state.ts';

/** Remembers how routes were before an attempt, so that only those which changed are put back. */
export interface Journal {
  /** routes changed since begin */
  readonly touched: RouteState[];
  begin(): void;
  /** must be called before a route changes */
  touch(route: RouteState): void;
  undo(): void;
}

/** Creates the journal of a state. */
export function createJournal(state: State): Journal {
  const touched: RouteState[] = [];
  const stamp = new Int32Array(state.routes.length);
  const kept = state.routes.map(() => ({ seq: new Int32Array(8), len: 0 }));
  let attempt = 0;
  return {
    touched,
    begin() {
      attempt++;
      touched.length = 0;
    },
    touch(route) {
      if (stamp[route.vehicle] === attempt) return;
      stamp[route.vehicle] = attempt;
      touched.push(route);
      const copy = kept[route.vehicle]!;
      if (copy.seq.length < route.len) copy.seq = new Int32Array(route.len * 2);
      for (let i = 0; i < route.len; i++) copy.seq[i] = route.seq[i]!;
      copy.len = route.len;
    },
    undo() {
      for (const route of touched) dropStops(state, route);
      for (const route of touched) assign(state, route, kept[route.vehicle]!.seq, kept[route.vehicle]!.len);
    },
  };
}
