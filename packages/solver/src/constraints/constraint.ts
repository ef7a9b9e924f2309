import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';

/** By how much a sequence breaks a rule. */
export interface Shortfall {
  readonly code:
    | 'VEHICLE_NOT_ALLOWED'
    | 'OVER_CAPACITY'
    | 'NO_SITE_FOR_FRACTION'
    | 'WINDOW_MISSED'
    | 'SHIFT_EXCEEDED'
    | 'DURATION_EXCEEDED'
    | 'BREAK_MISSING'
    | 'OVERLOAD_RISK'
    | 'NO_COMPARTMENT'
    | 'BATTERY_EMPTY'
    | 'TOO_UNFAMILIAR';
  readonly amount: number;
  readonly unit: 's' | 'load' | 'visits' | 'kWh';
  /** load dimension, for capacity */
  readonly dimension?: number;
}

/** A rule that routes keep. Sequences are nodes; len says how many of seq count. */
export interface Constraint {
  readonly name: string;
  /** a visit to a disposal site can make room where this rule refuses */
  readonly curedByDisposal: boolean;
  /** false: the problem does not use it, and the search never asks it */
  supports(model: Model): boolean;
  /** the answer of admits is then the same at every gap of a route, and it is asked once per route; no when absent */
  wholeRoute?(model: Model): boolean;
  /** recomputes the per-position data of a route that changed, in O(len) */
  refresh(model: Model, route: RouteState): void;
  /** the same after some nodes went into a gap, when that can be had for less; refresh is called when absent */
  inserted?(model: Model, route: RouteState, gap: number, added: number): void;
  /** whether node a, and then b unless it is negative, may go into a gap, in O(1); one of the two is a stop */
  admits(model: Model, route: RouteState, gap: number, a: number, b: number): boolean;
  /** asked about the place chosen, where admits may let through what it should not; what admits says stands when absent */
  confirms?(model: Model, route: RouteState, gap: number, a: number, b: number): boolean;
  /** a quick no to a stop that joins a route when another leaves it; says yes when only the whole sequence can tell */
  mayExchange?(model: Model, route: RouteState, leaving: number, joining: number): boolean;
  /** whether a whole sequence keeps the rule, in O(len) */
  holds(model: Model, vehicle: number, seq: Int32Array, len: number): boolean;
  /** what a sequence lacks; empty when it holds */
  shortfalls(model: Model, vehicle: number, seq: Int32Array, len: number): Shortfall[];
}
