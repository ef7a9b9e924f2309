import type { BreakRules, DutySoFar, Problem } from '../problem.ts';
import type { Route } from '../solution.ts';
import { TOLERANCE } from './violation.ts';
import type { Report } from './violation.ts';

interface Span {
  startS: number;
  endS: number;
  kind: 'drive' | 'work' | 'idle' | 'break';
}

const lengthOf = ({ startS, endS }: Span): number => endS - startS;

/** What the crew does from departure to return, second by second; standing still is idle, or a break where one is stated. */
function dutyOf(route: Route): Span[] {
  const spans: Span[] = [];
  let clock = route.departS;
  const until = (kind: Span['kind'], endS: number): void => {
    if (endS > clock) spans.push({ startS: clock, endS, kind });
    clock = Math.max(clock, endS);
  };
  const idleUntil = (endS: number): void => {
    for (const rest of route.breaks ?? []) {
      if (rest.startS < clock - TOLERANCE || rest.endS > endS + TOLERANCE) continue;
      until('idle', rest.startS);
      until('break', rest.endS);
    }
    until('idle', endS);
  };
  for (const visit of route.visits) {
    until('drive', visit.arriveS);
    idleUntil(visit.startS);
    until('work', visit.departS);
    idleUntil(visit.leaveS ?? visit.departS);
  }
  until('drive', route.endS);
  return spans;
}

/** Longest driving without a rest that counts, and longest work without any. */
function longest(spans: readonly Span[], rules: BreakRules, soFar: DutySoFar): { drivenS: number; stretchS: number } {
  const { driving } = rules;
  let [driven, stretch, hadFirst] = [soFar.drivenS ?? 0, soFar.sinceBreakS ?? 0, soFar.firstPartTaken ?? false];
  const most = { drivenS: driven, stretchS: stretch };
  for (const span of spans) {
    if (span.kind === 'break') {
      stretch = 0;
      const seconds = lengthOf(span) + TOLERANCE;
      if (driving && (seconds >= driving.resetS || (hadFirst && seconds >= driving.secondS))) {
        driven = 0;
        hadFirst = false;
      } else if (driving && seconds >= driving.firstS) hadFirst = true;
      continue;
    }
    stretch += lengthOf(span);
    if (span.kind === 'drive') driven += lengthOf(span);
    most.drivenS = Math.max(most.drivenS, driven);
    most.stretchS = Math.max(most.stretchS, stretch);
  }
  return most;
}

/** Holds the breaks that a route states against its vehicle's break rules. */
export function checkBreaks(problem: Problem, route: Route, report: Report): void {
  const { breaks: rules, soFar = {} } = problem.vehicles[route.vehicle]!;
  const where = `vehicle ${route.vehicle}`;
  if (!rules) {
    if (route.breaks?.length) report('TIME_INCONSISTENT', where, 'states breaks that nothing asks for');
    return;
  }
  const spans = dutyOf(route);
  const rests = spans.filter(({ kind }) => kind === 'break');
  if (rests.length !== (route.breaks?.length ?? 0))
    report('TIME_INCONSISTENT', where, 'states a break while it drives or works');
  for (const rest of rests) {
    if (lengthOf(rest) < rules.leastPartS - TOLERANCE)
      report('BREAK_MISSING', where, `has a break of ${lengthOf(rest)} s, shorter than a part may be`);
  }
  const rested = rests.reduce((sum, span) => sum + lengthOf(span), 0);
  const worked = (soFar.workedS ?? 0) + spans.reduce((sum, span) => sum + lengthOf(span), 0) - rested;
  const had = rested + (soFar.breakS ?? 0);
  for (const { overS, breakS } of rules.owed ?? []) {
    if (worked > overS + TOLERANCE && had < breakS - TOLERANCE)
      report('BREAK_MISSING', where, `works ${worked} s with ${had} s of breaks, ${breakS} s are owed`);
  }
  const { drivenS, stretchS } = longest(spans, rules, soFar);
  if (stretchS > (rules.longestStretchS ?? Infinity) + TOLERANCE)
    report('BREAK_MISSING', where, `works ${stretchS} s without a break`);
  if (drivenS > (rules.driving?.longestS ?? Infinity) + TOLERANCE)
    report('BREAK_MISSING', where, `drives ${drivenS} s without a break that counts`);
}
