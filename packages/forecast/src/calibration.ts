import { round } from './scores.ts';

/**
 * How stated chances of overflowing compare with what happened, by class of stated chance.
 * `happened` is the Kaplan-Meier share: a bin emptied before it was full left the sample at that moment, for nobody
 * knows whether it would have overflowed; counting only the undisturbed ones would make every bin look safer.
 */
export interface Calibration {
  n: number;
  /** Mean squared error of the chance over the cases whose outcome is known; and that of stating their overall share. */
  brier: number | null;
  brierOfShare: number | null;
  bins: { from: number; to: number; n: number; stated: number | null; happened: number | null }[];
}

/** What followed within the time looked at: full or emptied after so many hours, or neither. */
export interface RiskOutcome {
  hours: number;
  end: 'full' | 'emptied' | 'neither';
}

export interface CalibrationTally {
  add(stated: number, outcome: RiskOutcome): void;
  result(): Calibration;
}

const EDGES = [0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1] as const;

/** Collects stated chances (0..1) with what followed, for a calibration plot. */
export function createCalibration(): CalibrationTally {
  const bins = EDGES.slice(1).map(() => ({ stated: 0, outcomes: [] as RiskOutcome[] }));
  const known = { n: 0, square: 0, full: 0 };
  const per = (total: number, n: number) => (n > 0 ? round(total / n, 4) : null);
  return {
    add(stated, outcome) {
      const bin = bins[Math.max(0, EDGES.findIndex((edge, i) => i > 0 && stated <= edge) - 1)]!;
      bin.stated += stated;
      bin.outcomes.push(outcome);
      if (outcome.end === 'emptied') return;
      const happened = outcome.end === 'full' ? 1 : 0;
      known.n++;
      known.square += (stated - happened) ** 2;
      known.full += happened;
    },
    result() {
      const share = known.n > 0 ? known.full / known.n : 0;
      return {
        n: bins.reduce((sum, bin) => sum + bin.outcomes.length, 0),
        brier: per(known.square, known.n),
        brierOfShare: known.n > 0 ? round(share * (1 - share), 4) : null,
        bins: bins.map(({ stated, outcomes }, i) => ({
          from: EDGES[i]!,
          to: EDGES[i + 1]!,
          n: outcomes.length,
          stated: per(stated, outcomes.length),
          happened: outcomes.length > 0 ? round(shareFull(outcomes), 4) : null,
        })),
      };
    },
  };
}

/** Kaplan-Meier estimate of the share that becomes full, emptied ones leaving the sample when they were emptied. */
function shareFull(outcomes: readonly RiskOutcome[]): number {
  const sorted = [...outcomes].sort((a, b) => a.hours - b.hours);
  let spared = 1;
  for (const [i, outcome] of sorted.entries()) {
    if (outcome.end === 'full') spared *= 1 - 1 / (sorted.length - i);
  }
  return 1 - spared;
}
