/** One call of a truck: at a stop or at a disposal site. */
export interface Visit {
  readonly kind: 'stop' | 'disposal';
  /** index into problem.stops or problem.sites */
  readonly index: number;
  readonly arriveS: number;
  /** start of service, in one of its windows */
  readonly startS: number;
  readonly departS: number;
  /** when it drives on, if not at departS: a break, or a release that is waited for */
  readonly leaveS?: number;
  /** taken from a charger; absent when nothing is */
  readonly chargedKwh?: number;
  /** aboard when leaving, per dimension */
  readonly loadAfter: readonly number[];
}

/** What one truck does in its shift. */
export interface Route {
  /** index into problem.vehicles */
  readonly vehicle: number;
  readonly departS: number;
  readonly visits: readonly Visit[];
  readonly endS: number;
  readonly distanceM: number;
  /** endS - departS */
  readonly durationS: number;
  readonly cost: number;
  /** in order; absent when the vehicle has no break rules */
  readonly breaks?: readonly Break[];
}

/** A rest of the crew, inside the time it stands at a place. */
export interface Break {
  readonly startS: number;
  readonly endS: number;
}

/** A plan: the routes in use, what is left out, and what it costs. */
export interface Solution {
  /** ascending by vehicle; vehicles that stay in are absent */
  readonly routes: readonly Route[];
  /** stop indices, ascending */
  readonly unserved: readonly number[];
  /** routes plus prizes lost; a required stop left out adds nothing here but makes feasible false */
  readonly cost: number;
  readonly distanceM: number;
  readonly durationS: number;
  readonly prizesLost: number;
  /** every required stop is served and every rule holds */
  readonly feasible: boolean;
}

/** How a search went. */
export interface Stats {
  readonly iterations: number;
  readonly improvements: number;
  /** cost of the first complete plan, before the search proper; required stops left out are counted in requiredLeft */
  readonly startCost: number;
  readonly bestCost: number;
  readonly requiredLeft: number;
}
