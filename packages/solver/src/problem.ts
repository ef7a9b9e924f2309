/**
 * The routing problem. Every optional field is free when absent, so a rule nobody uses costs nothing.
 * Times are whole seconds since plan start; money is any one currency (cents, or metres), used throughout.
 */

/** Matrix value from which a pair of locations counts as unreachable. */
export const UNREACHABLE = 1_000_000_000;

/** Travel of one kind of vehicle. */
export interface Profile {
  /** Int32Array n·n, row-major [from*n+to], metres; ≥ UNREACHABLE means no way */
  readonly distanceM: Int32Array;
  /** Int32Array n·n, row-major [from*n+to], seconds; ≥ UNREACHABLE means no way */
  readonly durationS: Int32Array;
  /** other paces later in the day, ascending by fromS; before the first one durationS holds */
  readonly byTime?: readonly TravelPeriod[];
}

/**
 * A stretch of the day with its own travel times, until the next one begins. A leg under way at a change goes on at the
 * new pace (Ichoua, Gendreau & Potvin 2003), so who leaves later never arrives earlier. Give a factor or a matrix.
 */
export interface TravelPeriod {
  readonly fromS: number;
  /** of durationS, above 0 */
  readonly factor?: number;
  /** Int32Array n·n in place of durationS */
  readonly durationS?: Int32Array;
}

/** Opening interval in seconds since plan start, both ends included. */
export type Window = readonly [openS: number, closeS: number];

/** A place to serve once. */
export interface Stop {
  /** index into the matrices */
  readonly location: number;
  /** seconds of work on site; 0 when absent */
  readonly serviceS?: number;
  /** what it adds to the truck, one number per dimension (kg, litres, …); nothing when absent */
  readonly load?: readonly number[];
  /** allowed starts of service, ascending and disjoint; always when absent or empty */
  readonly windows?: readonly Window[];
  /** cost of leaving it out; absent means it is required */
  readonly prize?: number;
  /** weight ≥ 1 among required stops when not all fit; 1 when absent */
  readonly priority?: number;
  /** waste fraction 0…30; 0 when absent */
  readonly fraction?: number;
  /** earliest moment a vehicle may set out from its start or a disposal site on the trip that serves it; any when absent */
  readonly releaseS?: number;
  /**
   * the stop of which this is another way: a street driven the other way, another door. One of the ways is served, and
   * the first one carries prize and priority; a stop of its own when absent
   */
  readonly alternativeTo?: number;
  /** vehicle indices that may serve it; every vehicle when absent */
  readonly allowedVehicles?: readonly number[];
  /** narrower hours for some vehicles, on top of windows: an axle load by day, a pedestrian zone for vans only */
  readonly hours?: readonly VehicleHours[];
  /** what its chambers hold, instead of fraction; all of it is collected in one visit. load is their sum when absent */
  readonly parts?: readonly { readonly fraction: number; readonly load: readonly number[] }[];
  /** variance of load, one number per dimension, for vehicles with an overloadChance; certain when absent */
  readonly loadVariance?: readonly number[];
  /** it has waited as long as it may: required, whatever its prize, and served from then on no more */
  readonly serveByS?: number;
  /** codes of what its vehicle must have (a lift type, a licence, a second loader); nothing when absent */
  readonly needs?: readonly number[];
  /** what its vehicle must at least measure, one number per measure (crane reach in m, lift in kg); nothing when absent */
  readonly atLeast?: readonly number[];
  /** vehicles whose crews know it; every crew does when absent */
  readonly familiarTo?: readonly number[];
  /** energy that its lifts and the compaction of its load take from a battery; 0 when absent */
  readonly energyKwh?: number;
  /** index into areas; none when absent */
  readonly area?: number;
  /** money it costs each vehicle beside driving and work, such as leaving its territory; 0 when absent */
  readonly visitCosts?: readonly number[];
}

/** Hours that hold for the vehicles named, as allowed starts of service. Resolve zones and polygons to stops first. */
export interface VehicleHours {
  readonly vehicles: readonly number[];
  readonly windows: readonly Window[];
}

/** A place where a truck empties itself, any number of times. */
export interface DisposalSite {
  readonly location: number;
  /** weighing, queueing and unloading; 0 when absent */
  readonly tippingS?: number;
  /** allowed starts of tipping; always when absent or empty */
  readonly windows?: readonly Window[];
  /** accepted waste fractions; all when absent */
  readonly fractions?: readonly number[];
  /** waiting between weigh-in and unloading by time of day, ascending by fromS; none before the first */
  readonly queue?: readonly QueuePeriod[];
  /** charges a battery after tipping, as much as the way to the next charger or home takes; no charger when absent */
  readonly chargeKw?: number;
  /** the part of tippingS that comes before the queue: the weighbridge on the way in; 0 when absent */
  readonly weighInS?: number;
}

/** Expected wait of a truck that joins the queue from a moment on. Nobody who joins later is unloaded earlier. */
export interface QueuePeriod {
  readonly fromS: number;
  readonly waitS: number;
}

/** One truck with one shift. */
export interface Vehicle {
  readonly startLocation: number;
  readonly endLocation: number;
  /** per dimension, the most it may hold at once; unlimited when absent */
  readonly capacity?: readonly number[];
  /** compartments within capacity; one body for everything when absent. No two of them take the same fraction */
  readonly compartments?: readonly { readonly fractions: readonly number[]; readonly capacity?: readonly number[] }[];
  /** earliest departure and latest return; any time when absent */
  readonly shift?: Window;
  /** longest time between departure and return */
  readonly maxDurationS?: number;
  /** cost of using it at all; 0 when absent */
  readonly fixedCost?: number;
  /** cost of a metre; 1 when absent */
  readonly costPerM?: number;
  /** cost of a second between departure and return; 0 when absent */
  readonly costPerS?: number;
  /** index into profiles; 0 when absent */
  readonly profile?: number;
  /** already aboard at the start, per dimension */
  readonly initialLoad?: readonly number[];
  /** fractions of the initial load; [0] when absent and something is aboard */
  readonly initialFractions?: readonly number[];
  /** the initial load by fraction, for compartments; within initialLoad, and in no compartment when absent */
  readonly initialParts?: readonly { readonly fraction: number; readonly load: readonly number[] }[];
  /** visits that come first, in this order: a stop index, or ~site for a disposal visit */
  readonly locked?: readonly number[];
  /** under way already, so that its way home counts even without stops */
  readonly underWay?: boolean;
  /** must tip before it ends, unless its end location is a disposal site for what it carries */
  readonly mustEndEmpty?: boolean;
  /** fractions that may stay aboard overnight where it ends, in spite of mustEndEmpty */
  readonly mayEndWith?: readonly number[];
  /** largest chance, 0…0.5, that a trip weighs more than capacity; loads count as certain when absent */
  readonly overloadChance?: number;
  /** codes that stops may need */
  readonly skills?: readonly number[];
  /** its own measures, in the order of atLeast */
  readonly measures?: readonly number[];
  /** most stops that its crew does not know; any number when absent */
  readonly maxUnfamiliar?: number;
  /** money for each of them; 0 when absent */
  readonly unfamiliarCost?: number;
  /** drives on electricity; fuel, and no end of it, when absent */
  readonly battery?: Battery;
  /** breaks its crew must have; none when absent. See DUTCH_WORKING_HOURS and EU_DRIVING_TIME */
  readonly breaks?: BreakRules;
  /** what the crew has done of its duty before the plan starts; nothing when absent */
  readonly soFar?: DutySoFar;
  /** seconds of cleaning after tipping when the next trip brings a fraction that the last one did not; 0 when absent */
  readonly cleanOutS?: number;
}

/**
 * Breaks of a duty, free of place. A break interrupts work: it lies before or after a drive, never in a drive or a
 * service, nor before the first or after the last of the work. Waiting counts as one when it is long enough.
 */
export interface BreakRules {
  /** least length of any part, such as 900 s */
  readonly leastPartS: number;
  /** total break owed once work, breaks apart, exceeds overS; ascending */
  readonly owed?: readonly { readonly overS: number; readonly breakS: number }[];
  /** longest work without a break part */
  readonly longestStretchS?: number;
  /** longest driving until a break of resetS, or one of firstS and later one of secondS */
  readonly driving?: {
    readonly longestS: number;
    readonly resetS: number;
    readonly firstS: number;
    readonly secondS: number;
  };
}

/** A duty under way. */
export interface DutySoFar {
  /** work without breaks */
  readonly workedS?: number;
  readonly breakS?: number;
  /** work, and driving, since the last break that counts */
  readonly sinceBreakS?: number;
  readonly drivenS?: number;
  /** had the first part of a split driving break */
  readonly firstPartTaken?: boolean;
}

/** Everything a plan depends on. */
export interface Problem {
  /** number of locations, the n of the matrices */
  readonly locations: number;
  readonly profiles: readonly Profile[];
  readonly stops: readonly Stop[];
  readonly vehicles: readonly Vehicle[];
  /** none when absent */
  readonly sites?: readonly DisposalSite[];
  /** bounds on what may be left out, by area; none when absent */
  readonly areas?: readonly AreaBound[];
  /** spans in which no work may be done at some stops; none when absent */
  readonly quietHours?: readonly QuietHours[];
  /** the plan that crews know, and what departing from it costs; free when absent */
  readonly previous?: PreviousRounds;
}

/** How far an area may be neglected: by stops left out, or by the share of its prizes. Give one of the two. */
export interface AreaBound {
  /** most of its stops that are left out */
  readonly maxUnserved?: number;
  /** least share, 0…1, of the prizes of its stops that is served */
  readonly leastPrizeShare?: number;
}

/** A truck's battery. */
export interface Battery {
  readonly capacityKwh: number;
  readonly kwhPerKm: number;
  /** capacityKwh when absent */
  readonly startKwh?: number;
  /** never below this; 0 when absent */
  readonly reserveKwh?: number;
}

/** Hours of silence: no service at these stops, of these fractions, may overlap a span. */
export interface QuietHours {
  readonly spans: readonly Window[];
  /** all when absent */
  readonly fractions?: readonly number[];
  /** stop indices; all when absent */
  readonly stops?: readonly number[];
}

/** The rounds of an earlier plan. */
export interface PreviousRounds {
  readonly rounds: readonly { readonly vehicle: number; readonly stops: readonly number[] }[];
  /** money for each of its stops that another vehicle serves; 0 when absent */
  readonly movedCost?: number;
  /** money for each two stops driven one after the other that the same earlier round had the other way round; 0 when absent */
  readonly orderCost?: number;
}

/** A fault in input, with the field it is in and what to do. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}
