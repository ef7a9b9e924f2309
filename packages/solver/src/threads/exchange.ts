import { firstWay } from '../model.ts';
import { createRandom } from '../random.ts';
import type { Neighbours } from '../search/neighbours.ts';
import { restore, snapshot } from '../search/state.ts';
import type { State } from '../search/state.ts';
import type { Found, Posted, Seat } from './board.ts';
import { divide } from './parts.ts';

/** How often searches meet in the course of their budget. */
const MEETINGS = 24;
/** Whole plans are exchanged from this share of the budget on: earlier, searches do better apart (X-n331: 0.2 to 1.1 %). */
const WHOLE_FROM = 0.8;
/** From how many stops on, and routes per thread, each thread works on a part of the plan of its own. */
const DIVIDED_STOPS = 1_000;
const DIVIDED_ROUTES = 4;
/** Slices of 20 ms that a search waits for the others when time, and not iterations, ends it; less after the end. */
const PATIENCE = 50;
const LAST_PATIENCE = 5;

/** A search among others of the same problem. */
export interface Company {
  readonly seat: Seat;
  /** seeds what all of them must decide alike */
  readonly seed: number;
  /** a late or lost search is not waited for beyond a second; else everything is the same for the same seeds */
  readonly hurried: boolean;
  /** asked while waiting */
  readonly isCancelled: () => boolean;
}

/** Where a search meets the others. */
export interface Exchange {
  /** Called before every attempt; whether the state holds another plan now, from which to go on. */
  meet(used: number, best: Found): boolean;
  /** Takes note that the present plan is kept as the best one. */
  kept(): void;
  /** Called once at the end with the best plan in the state; the state then holds what all found together. */
  finish(): void;
}

/** Tells plans apart (FNV-1a over the nodes). */
function hashOf(sequences: readonly Int32Array[]): number {
  let hash = 0x811c9dc5;
  for (const sequence of sequences) {
    hash = Math.imul(hash ^ (sequence.length + 1), 0x01000193);
    for (let i = 0; i < sequence.length; i++) hash = Math.imul(hash ^ (sequence[i]! + 7), 0x01000193);
  }
  return hash;
}

function isBetter(x: Found, y: Found): boolean {
  return x.requiredLeft < y.requiredLeft || (x.requiredLeft === y.requiredLeft && x.cost < y.cost - 1e-6);
}

/** Whether the parts of several searches fit together: each stop is served once at most. */
function isWhole({ model }: State, sequences: readonly Int32Array[]): boolean {
  const seen = new Uint8Array(model.stopCount);
  for (const sequence of sequences)
    for (const node of sequence) {
      if (node >= model.stopCount) continue;
      const stop = firstWay(model, node);
      if (seen[stop]) return false;
      seen[stop] = 1;
    }
  return true;
}

/** Creates the meetings of one search. All others must take part with the same problem and the same seed of the company. */
export function createExchange(
  state: State,
  neighbours: Neighbours,
  { seat, seed, hurried, isCancelled }: Company,
): Exchange {
  const { model, routes } = state;
  let meeting = 0;
  let [base, baseOfBest] = [0, 0];
  let ofVehicle: Int32Array | undefined;

  const present = (sequences: Int32Array[], of: number): Posted => ({
    sequences,
    cost: state.cost - state.missingCost,
    requiredLeft: state.requiredLeft,
    base: of,
  });

  /** Posts a plan, waits, and reads what the others posted; by seat, with what is missing left undefined. */
  function gather(mine: Posted, patience: number): (Posted | undefined)[] {
    seat.post(meeting, mine);
    seat.wait(meeting, hurried ? patience : Infinity, isCancelled);
    const all = Array.from({ length: seat.seats }, (_, other) =>
      other === seat.index ? mine : seat.read(other, meeting),
    );
    meeting++;
    return all;
  }

  function bestOf(all: readonly (Posted | undefined)[]): Posted {
    return all.reduce((x, y) => (y && (!x || isBetter(y, x)) ? y : x))!;
  }

  /** The parts of all put together; undefined when they come from different plans. */
  function joined(all: readonly (Posted | undefined)[], mine: Posted): readonly Int32Array[] | undefined {
    if (!ofVehicle || all.some((other) => other && other.base !== mine.base)) return undefined;
    const sequences = mine.sequences.map(
      (sequence, vehicle) => all[ofVehicle![vehicle]!]?.sequences[vehicle] ?? sequence,
    );
    return isWhole(state, sequences) ? sequences : undefined;
  }

  function open(): void {
    for (const route of routes) route.closed = false;
    state.focus = undefined;
  }

  /** Gives this search its part of the plan in the state, on which all agree. */
  function takePart(): void {
    open();
    ofVehicle = undefined;
    if (model.areas || model.stopCount < DIVIDED_STOPS || state.inUseCount < DIVIDED_ROUTES * seat.seats) return;
    const parts = divide(state, neighbours, { count: seat.seats, random: createRandom(seed + meeting) });
    ofVehicle = parts.ofVehicle;
    for (const route of routes) route.closed = ofVehicle[route.vehicle] !== seat.index;
    const stops = [...parts.ofStop.keys()].filter(
      (stop) => firstWay(model, stop) === stop && parts.ofStop[stop] === seat.index,
    );
    const has = new Uint8Array(model.stopCount);
    for (const stop of stops) has[stop] = 1;
    if (stops.length > 0) state.focus = { stops: Int32Array.from(stops), has };
  }

  function meetDivided(all: readonly (Posted | undefined)[], mine: Posted): void {
    const plan = joined(all, mine) ?? bestOf(all).sequences;
    restore(state, plan);
    base = hashOf(plan);
    takePart();
  }

  return {
    meet(used, best) {
      if (used < meeting / MEETINGS || meeting >= MEETINGS) return false;
      const whole = meeting === 0 ? model.stopCount < DIVIDED_STOPS : !ofVehicle;
      if (whole && used < WHOLE_FROM) {
        meeting++;
        return false;
      }
      if (meeting === 0 || ofVehicle) {
        const mine = present(snapshot(state), base);
        meetDivided(gather(mine, PATIENCE), mine);
        return true;
      }
      const all = gather({ ...best, base: 0 }, PATIENCE);
      const leader = bestOf(all);
      if (!isBetter(leader, best)) return false;
      restore(state, leader.sequences);
      return true;
    },
    kept() {
      baseOfBest = base;
    },
    finish() {
      open();
      if (!ofVehicle || isCancelled()) return seat.leave();
      meeting = Math.max(meeting, MEETINGS);
      const mine = present(snapshot(state), baseOfBest);
      const all = gather(mine, LAST_PATIENCE);
      const plan = joined(all, mine) ?? bestOf(all).sequences;
      seat.leave();
      restore(state, plan);
      if (isBetter(mine, present([], 0))) restore(state, mine.sequences);
    },
  };
}
