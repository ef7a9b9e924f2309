import type { BreakRules, DutySoFar, Problem } from '../problem.ts';

/**
 * Dutch Working Hours Act (Arbeidstijdenwet), article 5:4: 30 minutes above 5.5 h of work, 45 minutes above 10 h, in parts
 * of at least a quarter of an hour.
 */
export const DUTCH_WORKING_HOURS: BreakRules = {
  leastPartS: 900,
  owed: [
    { overS: 19_800, breakS: 1_800 },
    { overS: 36_000, breakS: 2_700 },
  ],
};

/** Regulation (EC) 561/2006, article 7: 45 minutes after 4.5 h of driving, or 15 and then 30. Joins onto other rules. */
export const EU_DRIVING_TIME: BreakRules = {
  leastPartS: 900,
  driving: { longestS: 16_200, resetS: 2_700, firstS: 900, secondS: 1_800 },
};

/** Break rules of one vehicle as plain numbers. */
export interface BreakModel {
  readonly partS: number;
  readonly overS: Float64Array;
  readonly breakS: Float64Array;
  readonly stretchS: number;
  readonly drivenS: number;
  readonly resetS: number;
  readonly firstS: number;
  readonly secondS: number;
  /** lengths that can make a difference whatever came before, ascending */
  readonly lengths: Float64Array;
  /** the most that can be owed on top of what was had so far */
  readonly mostOwedS: number;
  readonly soFar: Required<DutySoFar>;
}

function compileRules(rules: BreakRules, soFar: DutySoFar | undefined): BreakModel {
  const { driving, owed = [] } = rules;
  const lengths = [rules.leastPartS, ...(driving ? [driving.firstS, driving.secondS, driving.resetS] : [])];
  return {
    partS: rules.leastPartS,
    overS: Float64Array.from(owed, ({ overS }) => overS),
    breakS: Float64Array.from(owed, ({ breakS }) => breakS),
    stretchS: rules.longestStretchS ?? Infinity,
    drivenS: driving?.longestS ?? Infinity,
    resetS: driving?.resetS ?? Infinity,
    firstS: driving?.firstS ?? Infinity,
    secondS: driving?.secondS ?? Infinity,
    lengths: Float64Array.from(new Set(lengths.map((length) => Math.max(length, rules.leastPartS)))).sort(),
    mostOwedS: Math.max(0, ...owed.map(({ breakS }) => breakS - (soFar?.breakS ?? 0))),
    soFar: {
      workedS: soFar?.workedS ?? 0,
      breakS: soFar?.breakS ?? 0,
      sinceBreakS: soFar?.sinceBreakS ?? 0,
      drivenS: soFar?.drivenS ?? 0,
      firstPartTaken: soFar?.firstPartTaken ?? false,
    },
  };
}

/** Gives break rules per vehicle; undefined when no vehicle has any. */
export function compileBreaks(problem: Problem): (BreakModel | undefined)[] | undefined {
  if (!problem.vehicles.some(({ breaks }) => breaks)) return undefined;
  return problem.vehicles.map(({ breaks, soFar }) => (breaks ? compileRules(breaks, soFar) : undefined));
}

/** Seconds of break still owed after so much work and so much break, both since the duty began. */
export function owedS({ overS, breakS }: BreakModel, workedS: number, takenS: number): number {
  let owed = 0;
  for (let k = 0; k < overS.length; k++) if (workedS > overS[k]! + 1e-6) owed = Math.max(owed, breakS[k]! - takenS);
  return owed > 1e-6 ? owed : 0;
}

/** Seconds of break that so much more driving calls for at least, after so much since the last one that counted. */
export function drivingBreakS(
  { drivenS: longestS, resetS, firstS, secondS }: BreakModel,
  { drivenS, firstTaken }: { drivenS: number; firstTaken: number },
  moreS: number,
): number {
  const times = Math.ceil((drivenS + moreS - 1e-6) / longestS) - 1;
  if (!(times > 0)) return 0;
  const whole = Math.min(resetS, firstS + secondS);
  return (firstTaken ? Math.min(resetS, secondS) : whole) + (times - 1) * whole;
}

/** Seconds of break that a duty of so much work, so much of it driving, calls for at least. */
export function dutyBreakS(rules: BreakModel, workS: number, drivingS: number): number {
  const { soFar } = rules;
  const owed = owedS(rules, soFar.workedS + workS, soFar.breakS);
  if (rules.drivenS === Infinity) return owed;
  const driver = { drivenS: soFar.drivenS, firstTaken: soFar.firstPartTaken ? 1 : 0 };
  return Math.max(owed, drivingBreakS(rules, driver, drivingS));
}

/**
 * Writes the lengths of break worth trying to out: those of the rules, and what completes each total owed.
 * @returns how many
 */
export function breakLengths(
  { lengths, breakS, partS, mostOwedS, stretchS, drivenS, soFar }: BreakModel,
  takenS: number,
  out: Float64Array,
): number {
  // Only totals are owed, and all that can be owed was had.
  if (takenS >= mostOwedS && stretchS === Infinity && drivenS === Infinity) return 0;
  let count = 0;
  for (let k = 0; k < lengths.length; k++) out[count++] = lengths[k]!;
  for (let k = 0; k < breakS.length; k++) {
    const rest = breakS[k]! - soFar.breakS - takenS;
    if (rest > partS && count < out.length) out[count++] = rest;
  }
  return count;
}
