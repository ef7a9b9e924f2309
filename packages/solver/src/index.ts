export { UNREACHABLE } from './problem.ts';
export type {
  AreaBound,
  Battery,
  BreakRules,
  DisposalSite,
  DutySoFar,
  Fault,
  PreviousRounds,
  Problem,
  Profile,
  QueuePeriod,
  QuietHours,
  Stop,
  TravelPeriod,
  Vehicle,
  VehicleHours,
  Window,
} from './problem.ts';
export { DUTCH_WORKING_HOURS, EU_DRIVING_TIME } from './constraints/breaks.ts';
export { loadQuantile, normalQuantile } from './constraints/random-load.ts';
export type { Break, Route, Solution, Stats, Visit } from './solution.ts';
export { solve } from './solve.ts';
export type { SolveOptions } from './solve.ts';
export { replan } from './replan/replan.ts';
export type { ReplanOptions, ReplanStats } from './replan/replan.ts';
export type { Keep } from './replan/keep.ts';
export { lay } from './replan/lay.ts';
export type { Told } from './replan/lay.ts';
export type { Shortfall } from './constraints/constraint.ts';
export { afterIterations, afterSeconds, afterStall, anyOf, whenCancelled } from './stop.ts';
export type { Progress, StopRule } from './stop.ts';
export { validate } from './validate.ts';
export { check } from './check.ts';
export { checkBreaks } from './check/breaks.ts';
export { legEnd, workEnd } from './check/clock.ts';
export type { CheckResult, Violation } from './check.ts';
export { explain } from './explain.ts';
export type { Reason, Relaxation } from './explain.ts';
export { solveInThread } from './solve-thread.ts';
export { solveInThreads } from './threads/solve-in-threads.ts';
export type { ThreadsOptions } from './threads/solve-in-threads.ts';
export type { ThreadMessage, ThreadOptions, ThreadResult, ThreadStats } from './solve-thread.ts';
export { FORMATS, parseInstance } from './formats/parse-instance.ts';
export type { ReadOptions } from './formats/parse-instance.ts';
export type { Instance, Parsed } from './formats/instance.ts';
export { CONVENTIONS } from './formats/conventions.ts';
export { parseSolution } from './formats/solution-file.ts';
export type { SolutionFile, SolutionRead } from './formats/solution-file.ts';
export { scoreSheet } from './formats/sheet-score.ts';
export type { SheetRoute, SheetScore } from './formats/sheet-score.ts';
export type { ConventionName, Sheet } from './formats/sheet.ts';
export { toSolutionJson } from './formats/solution-json.ts';
export type { NamedRound, RunFacts, SolutionJson } from './formats/solution-json.ts';
export { generateWaste, writeWaste } from './generate/waste.ts';
export type { WasteFile, WasteMap, WasteOptions, WasteStop } from './generate/waste.ts';
export type { Place, Roads } from './generate/grid.ts';
export { measureBinding } from './generate/binding.ts';
export type { Binding, Rule } from './generate/binding.ts';
export { createRandom } from './random.ts';
export type { Random } from './random.ts';
export { EURO_DEFAULTS, vehicleCosts } from './prices.ts';
export type { Prices } from './prices.ts';
export { withQuietHours } from './resolve/quiet-hours.ts';
export { withFixedRounds } from './fixed-rounds.ts';
export type { FixedRound } from './fixed-rounds.ts';
