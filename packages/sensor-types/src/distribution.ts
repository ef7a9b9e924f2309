import type { Measurement, Statistic } from './measurement.ts';
import { parseQuantity } from './parse-quantity.ts';
import type { ValueForm } from './parse-quantity.ts';
import { pick } from './pick.ts';

/** Gives one value of a list by the line's statistic; a list of one is that one; undefined when it takes a choice. */
export function chooseOf(list: readonly unknown[], statistic: Statistic | undefined, form: ValueForm): unknown {
  if (list.length === 1) return list[0];
  if (statistic === undefined) return undefined;
  if (statistic === 'first') return list[0];
  if (statistic === 'last') return list.at(-1);
  if (statistic === 'count') return list.length;
  const numbers = numbersOf(list, form);
  return numbers.length === 0 ? undefined : reduce(numbers, statistic);
}

function reduce(numbers: readonly number[], statistic: Statistic): number {
  const sum = numbers.reduce((total, one) => total + one, 0);
  if (statistic === 'sum') return sum;
  if (statistic === 'mean') return sum / numbers.length;
  const shares: Record<string, number> = { min: 0, median: 0.5, max: 1 };
  return quantileOf(numbers, shares[statistic] ?? Number(statistic.slice(1)) / 100);
}

/** Tells whether a device's own samples lie farther apart than the line allows. */
export function isScattered(
  line: Measurement,
  given: unknown,
  data: Record<string, unknown>,
  form: ValueForm,
): boolean {
  const { spread } = line;
  if (!spread) return false;
  const list = spread.between ? spread.between.map((path) => pick(data, path)) : Array.isArray(given) ? given : [];
  const numbers = numbersOf(list, form);
  if (numbers.length < 2) return false;
  const [low, high] = spread.between ? [0, 1] : [0.1, 0.9];
  return quantileOf(numbers, high) - quantileOf(numbers, low) > spread.above;
}

/** The readable numbers of a list, in ascending order. */
function numbersOf(list: readonly unknown[], form: ValueForm): number[] {
  return list
    .flatMap((one) => {
      const read = parseQuantity(one, form);
      return read.ok ? [read.value] : [];
    })
    .sort((a, b) => a - b);
}

function quantileOf(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}
