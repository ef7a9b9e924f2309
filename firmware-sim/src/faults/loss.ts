import { createRng, mixSeed, seedOf, type Rng } from '../rng.ts';
import { quantile } from './quantile.ts';

/** Loss per device as measured: p10 11.7 %, median 17.1 %, p90 46.8 %, largest 60 %; 20.3 % overall; outages add the rest. */
const QUANTILES: readonly (readonly [number, number])[] = [
  [0, 0.05],
  [0.1, 0.117],
  [0.5, 0.171],
  [0.8, 0.2],
  [0.9, 0.455],
  [1, 0.58],
];
/**
 * Part of the losses that comes in bursts, and their length in messages (log-normal). Fitted to what follows an arrival:
 * 84 % no loss, 12 % one, 2.9 % two, 0.6 % three, and a tail beyond 20.
 */
const IN_BURSTS = 0.17;
const BURST_MEDIAN = 5;
const BURST_SPREAD = 1.2;
const BURST_MEAN = BURST_MEDIAN * Math.exp(BURST_SPREAD ** 2 / 2);
const MOST = 0.95;

/** Messages lost on the air. */
export interface Losses {
  /** Tells whether a device's next message is lost. */
  loses(device: number, rng: Rng): boolean;
  /** The device's loss in the long run. */
  rateOf(device: number): number;
}

/** Draws the loss of every device; factor 0 loses nothing. */
export function createLosses(
  count: number,
  { factor, seed, ids }: { factor: number; seed: number; ids: (device: number) => string },
): Losses {
  const rates = new Float32Array(count);
  const burstLeft = new Uint16Array(count);
  const draw = createRng(0);
  for (let device = 0; device < count; device++) {
    draw.seek(mixSeed(seedOf(seed, ids(device)), 101));
    rates[device] = Math.min(MOST, factor * quantile(QUANTILES, draw.next()));
  }
  return {
    rateOf: (device) => rates[device]!,
    loses(device, rng) {
      const rate = rates[device]!;
      if (rate <= 0) return false;
      const single = rate * (1 - IN_BURSTS);
      const share = (rate - single) / (1 - single);
      if (burstLeft[device] === 0 && rng.chance(share / (BURST_MEAN * (1 - share))))
        burstLeft[device] = Math.min(0xffff, Math.max(1, Math.round(rng.logNormal(BURST_MEDIAN, BURST_SPREAD))));
      if (burstLeft[device]! > 0) {
        burstLeft[device]! -= 1;
        return true;
      }
      return rng.chance(single);
    },
  };
}
