/** Median, 95th percentile and best of a series, rounded to a tenth. */
export function spread(samples: readonly number[]): { p50: number; p95: number; min: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), min: at(0) };
}
