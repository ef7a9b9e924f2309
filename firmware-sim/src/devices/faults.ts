import type { CityDevice } from '../city/model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { createRng, seedOf, type Rng } from '../rng.ts';

export type FaultMode = 'none' | 'city';

/** What is wrong with one device; distributions follow 77 sensors measured for over a year in one German city. */
export interface DeviceFaults {
  /** Share of messages lost on the air when nothing worse is going on. */
  lossRate: number;
  quantumM: number;
  /** Share of the distance per degree Celsius that the device leaves uncompensated. */
  driftPerC: number;
  /** Charge that one message costs, and where the charge stands at the start. */
  chargePerMessage: number;
  charge: number;
  /** Distance of a wall or rim that some devices see instead of the waste; null = none. */
  ghostM: number | null;
  plagues: boolean;
}

/** What a device suffers right now; null ends are "not now". */
export interface Plight {
  outageUntilMs: number;
  stuckUntilMs: number;
  tiltUntilMs: number;
  lidUntilMs: number;
  ghostUntilMs: number;
  stuckAtM: number | null;
  lostLast: boolean;
}

// quantiles of the measured loss per device: p10 11.7 %, median 17.1 %, p90 46.8 %, largest 60 %
const LOSS_QUANTILES: readonly (readonly [number, number])[] = [
  [0, 0.03],
  [0.1, 0.117],
  [0.5, 0.171],
  [0.9, 0.468],
  [1, 0.6],
];

/** Draws what is wrong with a device; `none` draws nothing. */
export function drawFaults(device: CityDevice, mode: FaultMode, seed: number): DeviceFaults {
  const rng = createRng(seedOf(seed, `faults ${device.id}`));
  const sound: DeviceFaults = {
    lossRate: 0,
    quantumM: 0.001,
    driftPerC: 0,
    chargePerMessage: 0,
    charge: 0.95,
    ghostM: null,
    plagues: false,
  };
  if (mode === 'none') return sound;
  const laser = device.typeId === 'milesight-em400-tld';
  const emptyM = device.mounting?.emptyDistanceM ?? 1;
  return {
    lossRate: quantile(LOSS_QUANTILES, rng.next()),
    quantumM: rng.pick([0.001, 0.01, 0.02]),
    driftPerC: laser ? 0 : rng.chance(0.15) ? 0.0017 : rng.normal(0.0001, 0.0001),
    // a cell of about five to nine years at one message in half an hour
    chargePerMessage: 1 / rng.between(90_000, 160_000),
    charge: rng.chance(0.02) ? rng.between(0.001, 0.02) : rng.between(0.3, 1),
    ghostM: rng.chance(0.03) ? rng.between(0.35, 0.7) * emptyM : null,
    plagues: true,
  };
}

function quantile(points: readonly (readonly [number, number])[], share: number): number {
  const upper = points.findIndex(([at]) => at >= share);
  const [toAt, to] = points[Math.max(1, upper)]!;
  const [fromAt, from] = points[Math.max(1, upper) - 1]!;
  return from + ((to - from) * (share - fromAt)) / (toAt - fromAt);
}

export function noPlight(): Plight {
  return {
    outageUntilMs: 0,
    stuckUntilMs: 0,
    tiltUntilMs: 0,
    lidUntilMs: 0,
    ghostUntilMs: 0,
    stuckAtM: null,
    lostLast: false,
  };
}

// per device: 339 silences over a day and 63 stuck runs over three days in about 77 sensor-years
const OUTAGES_PER_DAY = 1 / 80;
const STUCKS_PER_DAY = 1 / 420;
const TILTS_PER_DAY = 1 / 60;
const LIDS_PER_DAY = 1 / 25;
const GHOSTS_PER_DAY = 1 / 6;

/** Lets trouble begin by chance over the time since the last message. */
export function strike(plight: Plight, faults: DeviceFaults, given: { atMs: number; sinceMs: number; rng: Rng }): void {
  if (!faults.plagues) return;
  const { atMs, sinceMs, rng } = given;
  const days = sinceMs / DAY_MS;
  const begins = (perDay: number, untilMs: number): boolean => rng.chance(perDay * days) && untilMs <= atMs;
  if (begins(OUTAGES_PER_DAY, plight.outageUntilMs)) plight.outageUntilMs = atMs + rng.logNormal(9 * HOUR_MS, 1.4);
  if (begins(STUCKS_PER_DAY, plight.stuckUntilMs)) {
    plight.stuckUntilMs = atMs + rng.logNormal(6 * DAY_MS, 1);
    plight.stuckAtM = null;
  }
  if (begins(TILTS_PER_DAY, plight.tiltUntilMs)) plight.tiltUntilMs = atMs + rng.logNormal(4 * HOUR_MS, 1);
  if (begins(LIDS_PER_DAY, plight.lidUntilMs)) plight.lidUntilMs = atMs + rng.between(20, 90) * MINUTE_MS;
  if (faults.ghostM !== null && begins(GHOSTS_PER_DAY, plight.ghostUntilMs))
    plight.ghostUntilMs = atMs + rng.between(3, 30) * HOUR_MS;
}

/** Tells whether this message is lost; losses come in slightly longer runs than chance alone would make. */
export function loses(plight: Plight, faults: DeviceFaults, rng: Rng): boolean {
  const after = Math.min(0.9, faults.lossRate * 1.15);
  const afterNone = (faults.lossRate * (1 - after)) / Math.max(0.01, 1 - faults.lossRate);
  plight.lostLast = rng.chance(plight.lostLast ? after : afterNone);
  return plight.lostLast;
}
