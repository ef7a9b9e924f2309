import { round } from './scores.ts';

/** How stated chances compare with what happened: one row per class of stated chance. */
export interface Calibration {
  n: number;
  /** Mean squared error of the chance; and that of always stating the overall share. */
  brier: number | null;
  brierOfShare: number | null;
  bins: { from: number; to: number; n: number; stated: number | null; happened: number | null }[];
}

export interface CalibrationTally {
  add(stated: number, happened: boolean): void;
  result(): Calibration;
}

const EDGES = [0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1] as const;

/** Collects stated chances (0..1) with their outcomes for a calibration plot. */
export function createCalibration(): CalibrationTally {
  const bins = EDGES.slice(1).map(() => ({ n: 0, stated: 0, happened: 0 }));
  const sum = { n: 0, square: 0, happened: 0 };
  return {
    add(stated, happened) {
      const outcome = happened ? 1 : 0;
      const bin = bins[Math.max(0, EDGES.findIndex((edge, i) => i > 0 && stated <= edge) - 1)]!;
      bin.n++;
      bin.stated += stated;
      bin.happened += outcome;
      sum.n++;
      sum.square += (stated - outcome) ** 2;
      sum.happened += outcome;
    },
    result() {
      const share = sum.n > 0 ? sum.happened / sum.n : 0;
      const per = (total: number, n: number) => (n > 0 ? round(total / n, 4) : null);
      return {
        n: sum.n,
        brier: per(sum.square, sum.n),
        brierOfShare: sum.n > 0 ? round(share * (1 - share), 4) : null,
        bins: bins.map((bin, i) => ({
          from: EDGES[i]!,
          to: EDGES[i + 1]!,
          n: bin.n,
          stated: per(bin.stated, bin.n),
          happened: per(bin.happened, bin.n),
        })),
      };
    },
  };
}
