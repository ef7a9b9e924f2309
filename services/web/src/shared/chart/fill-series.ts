import type { Forecast, Reading, RollupPoint } from '@ronde/contracts';

/** Columns a chart draws: seconds since 1970 ascending, fractions 0…1, null where a line has no value. */
export interface FillSeries {
  atS: number[];
  fill: (number | null)[];
  p05: (number | null)[];
  p50: (number | null)[];
  p95: (number | null)[];
}

/** A measured fill at a moment. */
export interface FillPoint {
  atMs: number;
  fill: number;
}

/** Takes the usable fill readings, oldest first; of several chambers at one moment the fullest. */
export function pointsOfReadings(readings: readonly Reading[]): FillPoint[] {
  const fullest = new Map<number, number>();
  for (const { at, value, quality } of readings) {
    if (value === null || quality === 'invalid') continue;
    const atMs = Date.parse(at);
    fullest.set(atMs, Math.max(fullest.get(atMs) ?? 0, value));
  }
  return [...fullest].map(([atMs, fill]) => ({ atMs, fill })).sort((a, b) => a.atMs - b.atMs);
}

/** Takes the middle of each step of a rolled-up series. */
export function pointsOfRollup(steps: readonly RollupPoint[]): FillPoint[] {
  return steps.map(({ from, mean }) => ({ atMs: Date.parse(from), fill: mean })).sort((a, b) => a.atMs - b.atMs);
}

/** Joins history and forecast into one set of columns; the forecast starts at the last measurement. */
export function joinSeries(history: readonly FillPoint[], forecast: Forecast | undefined): FillSeries {
  const series: FillSeries = { atS: [], fill: [], p05: [], p50: [], p95: [] };
  const push = (atMs: number, fill: number | null, band: [number | null, number | null, number | null]): void => {
    series.atS.push(atMs / 1000);
    series.fill.push(fill);
    series.p05.push(band[0]);
    series.p50.push(band[1]);
    series.p95.push(band[2]);
  };
  const last = history.at(-1);
  const ahead = (forecast?.points ?? []).filter((point) => !last || Date.parse(point.at) > last.atMs);
  for (const { atMs, fill } of history) {
    const isJoint = atMs === last?.atMs && ahead.length > 0;
    push(atMs, fill, isJoint ? [fill, fill, fill] : [null, null, null]);
  }
  for (const { at, p05, p50, p95 } of ahead)
    push(Date.parse(at), null, [p05, p50, p95].map((p) => Math.min(1, p)) as [number, number, number]);
  return series;
}
