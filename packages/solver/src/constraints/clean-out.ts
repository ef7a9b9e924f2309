import type { Model } from '../model.ts';

/**
 * Adds the seconds of cleaning to the disposal visits that need it: those before a trip that brings a fraction which the
 * last trip with anything in it did not.
 */
export function addCleanOuts(
  { stopCount, mask, vehicles, exact }: Model,
  vehicle: number,
  { seq, len }: { seq: Int32Array; len: number },
  out: Float64Array,
): void {
  const cleanOutS = exact!.cleanOutS![vehicle]!;
  if (cleanOutS === 0) return;
  let [last, current, tip] = [0, vehicles[vehicle]!.initialMask, -1];
  for (let i = 0; i < len; i++) {
    const node = seq[i]!;
    if (node < stopCount) {
      current |= mask[node]!;
      continue;
    }
    if (tip >= 0 && last !== 0 && current & ~last) out[tip]! += cleanOutS;
    if (current !== 0) last = current;
    current = 0;
    tip = i + 1;
  }
  if (tip >= 0 && last !== 0 && current & ~last) out[tip]! += cleanOutS;
}
