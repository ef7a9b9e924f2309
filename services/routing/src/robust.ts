/** Median of some values; NaN without any. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Half the weight of normal noise lies within this many deviations of the median (1 / Φ⁻¹(¾)). */
const MAD_TO_SIGMA = 1.4826;
/** Where Huber's mean starts to pull values in: 95 % as good as a plain mean on clean data (Huber 1981). */
const HUBER_K = 1.345;
/** Measurements that weigh as much as what is usual. */
const USUAL_WEIGHT = 4;

/**
 * Estimates from few, dirty measurements: Huber's mean about the median, drawn to what is usual while they are few. A tap
 * that a crew forgot, or gave an hour late, moves it by no more than an ordinary one.
 */
export function estimate(values: readonly number[], usual: number): number {
  if (values.length === 0) return usual;
  const middle = median(values);
  const sigma = MAD_TO_SIGMA * median(values.map((value) => Math.abs(value - middle)));
  const reach = HUBER_K * sigma;
  const pulled = values.map((value) => Math.min(middle + reach, Math.max(middle - reach, value)));
  const mean = pulled.reduce((sum, value) => sum + value, 0) / pulled.length;
  return (mean * values.length + usual * USUAL_WEIGHT) / (values.length + USUAL_WEIGHT);
}
