import type { Rng } from '../rng.ts';

/** Own assumption beside the measured 80 to 98 % of drops that last: 3 % of emptyings leave something behind. */
const SHARE = 0.03;

/** Share of the contents that an emptying leaves behind; 0 = clean. */
export function leftBehind(rng: Rng, factor: number): number {
  return factor > 0 && rng.chance(SHARE * factor) ? rng.between(0.05, 0.4) : 0;
}
