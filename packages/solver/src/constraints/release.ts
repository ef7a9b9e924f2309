import type { Model } from '../model.ts';

/** Writes, per element behind which a trip begins (the start and each site), the latest release of that trip; else -Infinity. */
export function fillReleases(
  { stopCount, releaseS: release }: Model,
  seq: Int32Array,
  len: number,
  out: Float64Array,
): void {
  let latest = -Infinity;
  for (let i = len; i >= 1; i--) {
    const node = seq[i - 1]!;
    out[i] = -Infinity;
    if (node < stopCount) latest = Math.max(latest, release![node]!);
    else {
      out[i] = latest;
      latest = -Infinity;
    }
  }
  out[0] = latest;
}
