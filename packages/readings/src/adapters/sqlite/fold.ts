export const HOUR_MS = 3_600_000;

/** Least, greatest, sum and number of values. `rest` holds what rounding took from the sum. */
export interface Total {
  min: number;
  max: number;
  sum: number;
  rest: number;
  count: number;
}

export function totalOf(value: number): Total {
  return { min: value, max: value, sum: value, rest: 0, count: 1 };
}

/**
 * Adds one total to another. Sums are kept as two numbers (Knuth, The Art of Computer Programming 2, 4.2.2, theorem B):
 * late data and another order then give the same mean as data in order.
 */
export function addTotal(to: Total, more: Total): void {
  const sum = to.sum + more.sum;
  const part = sum - to.sum;
  to.rest += more.rest + (to.sum - (sum - part)) + (more.sum - part);
  to.sum = sum;
  to.min = Math.min(to.min, more.min);
  to.max = Math.max(to.max, more.max);
  to.count += more.count;
}

/** Adds one value to a total; `addTotal` without making an object for it. */
export function addValue(to: Total, value: number): void {
  const sum = to.sum + value;
  const part = sum - to.sum;
  to.rest += to.sum - (sum - part) + (value - part);
  to.sum = sum;
  to.min = Math.min(to.min, value);
  to.max = Math.max(to.max, value);
  to.count += 1;
}
