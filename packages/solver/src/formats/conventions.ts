import type { ConventionName, Sheet } from './sheet.ts';

/**
 * How a set of instances turns real lengths into the whole numbers that it is scored by. The sets disagree, so that a
 * cost means nothing without its convention.
 */
export interface Convention {
  readonly name: ConventionName;
  /** whole numbers inside the solver per unit of the file */
  readonly scale: number;
  /** length, time, prize or fixed cost of the file → whole number inside the solver */
  readonly whole: (value: number) => number;
  /** the same for a travel time, which must never come out shorter than it is */
  readonly wholeTime: (value: number) => number;
  /** cost inside the solver per unit of the cost that is printed */
  readonly costUnit: number;
}

/** What `--rounding` takes, with what each means. */
export const CONVENTIONS: Readonly<Record<ConventionName, string>> = {
  round: 'nearest whole number (CVRPLIB, TSPLIB)',
  trunc: 'whole number below',
  dimacs: 'one decimal, cut off (Gehring-Homberger as in the DIMACS challenge)',
  'dimacs-int': 'ten times the value, cut off (multi-trip and prize-collecting sets)',
  exact: 'a thousand times the value, nearest whole number (site-dependent and several-depots sets)',
  real: 'no rounding (Solomon, Cordeau, heterogeneous fleets)',
};

/** Absorbs the error of a product with a power of ten, so that 0.3 · 10 is cut off to 3 and not to 2. */
const EPSILON = 1e-7;

const cut = (value: number): number => Math.floor(value + EPSILON);
const nearest = (value: number): number => Math.floor(value + 0.5);

/** Most digits kept of a real length; the solver's matrices hold whole numbers below 1e9. */
const REAL_SCALE = 1e5;
const LONGEST = 5e8;

/** Ten to the power at which the longest length and the latest time still fit. */
function realScale(sheet: Sheet): number {
  const [home] = sheet.depots;
  let longest = home?.window?.[1] ?? 1;
  for (const { node, window } of sheet.customers) {
    // no two places are farther apart than twice the farthest from the depot, where the triangle holds
    longest = Math.max(
      longest,
      window?.[1] ?? 0,
      2 * sheet.length(home!.node, node),
      2 * sheet.length(node, home!.node),
    );
  }
  let scale = REAL_SCALE;
  while (scale > 1 && longest * scale > LONGEST) scale /= 10;
  return scale;
}

function scaled(name: ConventionName, scale: number, costUnit: number, whole: (value: number) => number): Convention {
  const apply = (value: number): number => whole(value * scale);
  return { name, scale, costUnit, whole: apply, wholeTime: apply };
}

/** Makes the convention of a name for an instance. */
export function conventionFor(name: ConventionName, sheet: Sheet): Convention {
  if (name === 'round') return scaled(name, 1, 1, nearest);
  if (name === 'trunc') return scaled(name, 1, 1, cut);
  if (name === 'dimacs') return scaled(name, 10, 10, cut);
  if (name === 'dimacs-int') return scaled(name, 10, 1, cut);
  if (name === 'exact') return scaled(name, 1000, 1, nearest);
  const scale = realScale(sheet);
  // rounded up, a plan that is on time inside is on time outside
  return { ...scaled(name, scale, scale, nearest), wholeTime: (value) => Math.ceil(value * scale - EPSILON) };
}

/** Whether a text names a convention. */
export function isConvention(name: string): name is ConventionName {
  return Object.hasOwn(CONVENTIONS, name);
}
