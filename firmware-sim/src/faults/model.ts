import type { Rng } from '../rng.ts';

/** Everything that can go wrong, by the name that `--faults` and the ground truth use. */
export const FAULT_NAMES = [
  // what happens to the bin
  'overfill',
  'collapse',
  'partial-emptying',
  'swap',
  'surge',
  'fire',
  // what the sensor makes of it
  'lid-open',
  'tilt',
  'drift',
  'noise',
  'ghost',
  'spike',
  'blind-zone',
  'quantisation',
  'stuck',
  'sentinel',
  'int8',
  // what the device does
  'jitter',
  'battery',
  'firmware',
  'counter',
  'rejoin',
  'abp-reset',
  'no-clock',
  'wrong-clock',
  'backlog',
  // what happens on the way
  'loss',
  'outage',
  'duplicate',
  'late-copy',
  'out-of-order',
  'gateway-clock',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** How strongly each fault acts: 1 = as often as measured, 0 or absent = not at all. For traits it is the share of devices. */
export type FaultMix = Partial<Record<FaultName, number>>;

/** A measurement on its way from the waste to the radio; one object is used over and over. */
export interface Sample {
  /** Sensor face to what it takes for the waste, metres; null = its code for "nothing seen". */
  distanceM: number | null;
  temperatureC: number;
  tiltDeg: number;
  lidOpen: boolean;
  fire: boolean;
  /** Echoes that the device could use for its value. */
  samples: number;
}

/** What a fault needs to know of the device it is in; metres. */
export interface Probe {
  emptyM: number;
  fullM: number;
  /** Nearer than this it sees nothing. */
  blindM: number;
  /** Distances that stand for "no value" in the type's own code; null is what its encoder has for it. */
  codesM: readonly (number | null)[];
  /** False: it measures something other than a level. */
  level: boolean;
}

/** The moment a fault acts in. `strength` may be changed: the fault finds it again at the next measurement. */
export interface Now {
  atMs: number;
  /** When the trouble began; `atMs` for faults without duration. */
  beganMs: number;
  rng: Rng;
  probe: Probe;
  /** What the device was made with; NaN for faults without trait. */
  trait: number;
  strength: number;
}

/** Trouble that begins by chance and lasts. */
export interface Episode {
  /** How often it begins, for one device in one day, at factor 1. */
  perDay: number;
  /** Infinity: for good. */
  lastsMs(rng: Rng, probe: Probe): number;
  strength?: (rng: Rng, probe: Probe) => number;
}

/** One thing that can be wrong with a measurement. Without trait, episode and chance it acts always. */
export interface SensorFault {
  name: FaultName;
  /** Draws what a device has for life; NaN = this one is spared. `factor` is the share of devices that have it. */
  trait?: (rng: Rng, probe: Probe, factor: number) => number;
  episode?: Episode;
  /** Chance at each message, at factor 1. */
  perMessage?: number;
  /** True: acts on levels only. */
  levelOnly?: boolean;
  /** True: always there, so the ground truth names it in the device's line, not in every measurement. */
  silent?: boolean;
  act(sample: Sample, now: Now): void;
}

export const SPARED = Number.NaN;
