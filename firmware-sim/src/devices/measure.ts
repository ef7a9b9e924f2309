import type { CityDevice } from '../city/model.ts';
import type { Rng } from '../rng.ts';
import type { DeviceFaults, Plight } from './faults.ts';

/** What the sensor says of a level; `distanceM` null = it saw nothing. `signs` names what went wrong, for the ground truth. */
export interface Measurement {
  distanceM: number | null;
  tilted: boolean;
  samples: number;
  signs: string[];
}

const SPIKE = 0.0136;
const SENTINEL = 0.0074;

/** Sensor face to waste along the beam, metres, as it truly is. */
export function trueDistanceM(device: CityDevice, level: number): number {
  const { emptyDistanceM, fullDistanceM } = device.mounting ?? { emptyDistanceM: 1, fullDistanceM: 0 };
  return Math.max(0.01, emptyDistanceM - level * (emptyDistanceM - fullDistanceM));
}

/** Measures a level the way a real sensor does, with its faults. */
export function measure(
  device: CityDevice,
  given: { level: number; temperatureC: number; atMs: number },
  luck: { faults: DeviceFaults; plight: Plight; rng: Rng },
): Measurement {
  const { faults, plight, rng } = luck;
  const trueM = trueDistanceM(device, given.level);
  if (!faults.plagues) return { distanceM: quantised(trueM, faults.quantumM), tilted: false, samples: 15, signs: [] };
  const signs: string[] = [];
  const note = (sign: string, distanceM: number): number => {
    signs.push(sign);
    return distanceM;
  };
  const emptyM = device.mounting?.emptyDistanceM ?? 1;
  let distanceM = trueM * (1 + faults.driftPerC * (given.temperatureC - 20)) + noiseM(rng);
  if (plight.ghostUntilMs > given.atMs && faults.ghostM! < distanceM)
    distanceM = note('ghost', faults.ghostM! + rng.normal(0, 0.01));
  if (rng.chance(SPIKE)) distanceM = note('spike', rng.between(0.1, 1) * emptyM);
  const tilted = plight.tiltUntilMs > given.atMs;
  if (tilted) distanceM = note('tilt', distanceM / Math.cos(rng.between(0.4, 0.9)));
  if (plight.lidUntilMs > given.atMs) distanceM = note('lid-open', rng.between(1.1, 3) * emptyM);
  if (plight.stuckUntilMs > given.atMs) distanceM = note('stuck', (plight.stuckAtM ??= distanceM));
  if (rng.chance(SENTINEL)) return { distanceM: null, tilted, samples: 0, signs: [...signs, 'sentinel'] };
  const samples = rng.chance(0.05) ? rng.int(6) + 1 : 15;
  return { distanceM: Math.max(0.02, quantised(distanceM, faults.quantumM)), tilted, samples, signs };
}

function quantised(distanceM: number, quantumM: number): number {
  return Math.round(distanceM / quantumM) * quantumM;
}

// measured residual to the running median: most are exact, p90 4 cm, p95 10 cm
function noiseM(rng: Rng): number {
  const kind = rng.next();
  if (kind < 0.7) return rng.normal(0, 0.004);
  return kind < 0.95 ? rng.normal(0, 0.03) : rng.normal(0, 0.08);
}
