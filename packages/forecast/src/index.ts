export { cleanSeries } from './series.ts';
export type { CleanPoint, SeriesPoint } from './series.ts';
export { detectEmptyings } from './emptyings.ts';
export type { Emptying, EmptyingOptions } from './emptyings.ts';
export { fitModel, updateModel } from './model.ts';
export type { FillModel, FitOptions, RatePrior } from './model.ts';
export type { OffsetAt } from './profile.ts';
export { forecast, overflowRisk, timeToFull } from './predict.ts';
export type {
  FillForecast,
  ForecastOptions,
  ForecastStart,
  FullTimes,
  RiskOptions,
  TimeToFullOptions,
} from './predict.ts';
export { forecastWithVisits } from './mixture.ts';
export { backtest } from './backtest.ts';
export type { BacktestEmptying, BacktestOptions, BacktestPrediction, BacktestReport } from './backtest.ts';
export type { Calibration } from './calibration.ts';
export type { HorizonScore } from './scores.ts';
export type { ThresholdScore } from './threshold.ts';
export type { BaselineName } from './baselines.ts';
export { parseMeasurements } from './measurements.ts';
export type { MeasurementRow } from './measurements.ts';
export { crewVerdict } from './verdict.ts';
export type { CrewEmptied, Verdict } from './verdict.ts';
