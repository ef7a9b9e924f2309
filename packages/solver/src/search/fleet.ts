import { keepsRules, routeCost } from '../evaluate.ts';
import type { Random } from '../random.ts';
import type { Journal } from './journal.ts';
import type { RouteState } from './route-state.ts';
import { assign, dropStops } from './state.ts';
import type { State } from './state.ts';

/** How often a round is handed to another kind of idle vehicle while stops are out, whatever that costs. */
const HANDOVER_CHANCE = 0.1;
/** Rounds in use with which each of them is offered an exchange of vehicles. */
const EXCHANGES = 3;

/** Which vehicle drives which round, where vehicles differ. */
export interface Fleet {
  /** Between ruin and recreate: a round touched may go to another kind of vehicle. */
  handOver(): void;
  /** After recreate: rounds touched change to vehicles that drive them for less. */
  improve(): void;
}

/** Creates the moves of whole rounds between vehicles; undefined when all vehicles are alike. */
export function createFleet(state: State, journal: Journal, random: Random): Fleet | undefined {
  const { model, rules, routes } = state;
  const classOf = Int32Array.from(model.vehicles, ({ classId }) => classId);
  const classes = Math.max(0, ...classOf) + 1;
  if (classes < 2) return undefined;
  const buffers = [new Int32Array(64), new Int32Array(64)];
  const seen = new Int32Array(classes).fill(-1);
  let round = 0;

  const isFree = (route: RouteState): boolean =>
    !route.broken && !route.closed && route.locked === 0 && !model.vehicles[route.vehicle]!.underWay;

  function keep(which: number, route: RouteState): Int32Array {
    if (buffers[which]!.length < route.len) buffers[which] = new Int32Array(route.len * 2);
    const copy = buffers[which]!;
    for (let i = 0; i < route.len; i++) copy[i] = route.seq[i]!;
    return copy;
  }

  /** Gives each of two rounds the other's visits. */
  function exchange(one: RouteState, two: RouteState): void {
    journal.touch(one);
    journal.touch(two);
    const [seqOne, lenOne, seqTwo, lenTwo] = [keep(0, one), one.len, keep(1, two), two.len];
    dropStops(state, one);
    dropStops(state, two);
    assign(state, one, seqTwo, lenTwo);
    assign(state, two, seqOne, lenOne);
  }

  /** What one round costs less if another vehicle drove it, and the other way round; 0 when a rule forbids it. */
  function gain(one: RouteState, two: RouteState): number {
    const saved =
      one.cost +
      two.cost -
      routeCost(model, two.vehicle, one.seq, one.len) -
      routeCost(model, one.vehicle, two.seq, two.len);
    if (saved <= 1e-6 || !keepsRules(model, rules, two.vehicle, one)) return 0;
    return two.len === 0 || keepsRules(model, rules, one.vehicle, two) ? saved : 0;
  }

  /** Calls for the first idle vehicle of every class but one. */
  function eachIdleClass(but: number, visit: (route: RouteState) => void): void {
    round++;
    seen[but] = round;
    for (const route of routes) {
      const kind = classOf[route.vehicle]!;
      if (route.inUseAt >= 0 || seen[kind] === round || !isFree(route)) continue;
      seen[kind] = round;
      visit(route);
    }
  }

  function improveRound(route: RouteState): void {
    let best: RouteState | undefined;
    let most = 1e-6;
    const weigh = (other: RouteState): void => {
      const saved = gain(route, other);
      if (saved <= most) return;
      most = saved;
      best = other;
    };
    eachIdleClass(classOf[route.vehicle]!, weigh);
    for (let k = 0; k < EXCHANGES; k++) {
      const other = routes[state.inUse[random.int(state.inUseCount)]!]!;
      if (classOf[other.vehicle] !== classOf[route.vehicle] && isFree(other)) weigh(other);
    }
    if (best) exchange(route, best);
  }

  return {
    handOver() {
      if (random.float() >= HANDOVER_CHANCE || journal.touched.length === 0) return;
      const route = journal.touched[random.int(journal.touched.length)]!;
      if (!isFree(route) || route.len === 0) return;
      let chosen: RouteState | undefined;
      let offers = 0;
      eachIdleClass(classOf[route.vehicle]!, (other) => {
        if (random.int(++offers) === 0) chosen = other;
      });
      if (chosen && keepsRules(model, rules, chosen.vehicle, route)) exchange(route, chosen);
    },
    improve() {
      const count = journal.touched.length;
      for (let i = 0; i < count; i++) {
        const route = journal.touched[i]!;
        if (route.len > 0 && isFree(route)) improveRound(route);
      }
    },
  };
}
