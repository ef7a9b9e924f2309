/** A customer as its file states it. */
export interface Customer {
  /** index of its node, from 0 */
  readonly node: number;
  /** as in VRPLIB `.sol` files: the first customer after the depot is 1 */
  readonly number: number;
  readonly demand: number;
  readonly serviceTime: number;
  readonly window?: readonly [open: number, close: number];
  /** what skipping it costs; absent means it must be served */
  readonly prize?: number;
  /** when its goods are at the depot */
  readonly releaseTime?: number;
  /** vehicles that may serve it, in file order from 0; every vehicle when absent */
  readonly allowedVehicles?: readonly number[];
}

/** A vehicle as its file states it. */
export interface SheetVehicle {
  /** index into depots */
  readonly depot: number;
  readonly capacity?: number;
  readonly maxDuration?: number;
  readonly fixedCost?: number;
  readonly unitCost?: number;
}

/** A depot as its file states it. */
export interface Depot {
  readonly node: number;
  readonly window?: readonly [open: number, close: number];
}

/**
 * A routing instance in its file's own numbers, before any rounding: what every reader but that of the Ronde JSON gives.
 * Lengths are distances and durations at once.
 */
export interface Sheet {
  readonly name: string;
  readonly format: 'vrplib' | 'solomon' | 'cordeau';
  readonly nodes: number;
  /** length from a node to another */
  readonly length: (from: number, to: number) => number;
  readonly depots: readonly Depot[];
  readonly customers: readonly Customer[];
  readonly vehicles: readonly SheetVehicle[];
  /** vehicles differ, so an answer says which one drives which route */
  readonly mixedFleet: boolean;
  /** depots (indices) where a vehicle may load again inside its route */
  readonly reloadDepots: readonly number[];
  /** name of the rounding that its set is scored by */
  readonly convention: ConventionName;
  /** what was read and has no effect, for a person */
  readonly notes: readonly string[];
}

/** Ways in which sets of instances round lengths and state costs; see conventions.ts. */
export type ConventionName = 'round' | 'trunc' | 'dimacs' | 'dimacs-int' | 'exact' | 'real';
