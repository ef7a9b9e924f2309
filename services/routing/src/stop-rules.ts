import type { Calendar, Fraction } from '@ronde/contracts';
import { loadQuantile, normalQuantile } from '@ronde/solver';
import type { Stop as SolverStop } from '@ronde/solver';
import type { Assignment } from './assignment.ts';
import type { Duty, ProblemInput } from './build-problem.ts';
import type { Candidate } from './candidates.ts';
import { liftKwh } from './energy-rules.ts';
import { FRACTIONS } from './loads.ts';
import { capacityOf } from './locked-loads.ts';
import { overloadChanceOf } from './vehicle-rules.ts';

const DAY_MS = 86_400_000;

type Rules = Pick<
  SolverStop,
  'load' | 'loadVariance' | 'parts' | 'familiarTo' | 'visitCosts' | 'energyKwh' | 'serveByS'
>;

/** The rules of a stop that follow from its assets, the forecast and what crews taught. */
export function stopRulesOf(candidate: Candidate, assignment: Assignment, input: ProblemInput): Rules {
  return {
    ...loadsOf(candidate, assignment.able, input),
    ...familiarityOf(candidate, assignment, input),
    ...awayCosts(candidate, input),
    ...energyOf(candidate, input),
    ...dwellOf(candidate, input),
  };
}

/** More than a whole vehicle holds is an estimate that one visit still meets best: loads and their spread are cut to that. */
function loadsOf(
  { loadKg, loadL, varKg2, varL2, parts }: Candidate,
  able: readonly number[],
  { duties, config }: ProblemInput,
): Pick<Rules, 'load' | 'loadVariance' | 'parts'> {
  const bodies = able.map((index) => duties[index]!.vehicle);
  const most = [0, 1].map((k) => Math.min(...bodies.map((vehicle) => capacityOf({ vehicle })[k]!)));
  const load = [loadKg, loadL].map((amount, k) => Math.min(Math.round(amount), most[k]!));
  const chance = Math.min(...bodies.map((vehicle) => overloadChanceOf(vehicle, config) || Infinity));
  const apart = parts && { parts: cutParts(parts, { load, loadKg, loadL }) };
  if (!Number.isFinite(chance) || varKg2 + varL2 === 0) return { load, ...apart };
  const z = normalQuantile(1 - chance);
  const loadVariance = [varKg2, varL2].map((variance, k) =>
    cutVariance(variance, { mean: load[k]!, most: most[k]!, z }),
  );
  return { load, loadVariance, ...apart };
}

/** A single stop that may be too much for a whole vehicle is taken to fill it just so. */
function cutVariance(variance: number, { mean, most, z }: { mean: number; most: number; z: number }): number {
  let cut = Math.round(variance * 100) / 100;
  while (cut > 0 && loadQuantile(mean, cut, z) > most) cut = cut < 1 ? 0 : cut / 2;
  return cut;
}

function cutParts(
  parts: NonNullable<Candidate['parts']>,
  { load, loadKg, loadL }: { load: number[]; loadKg: number; loadL: number },
): Rules['parts'] {
  const share = [loadKg > 0 ? load[0]! / loadKg : 1, loadL > 0 ? load[1]! / loadL : 1];
  return parts.map((part) => ({
    fraction: FRACTIONS.indexOf(part.fraction),
    load: [part.loadKg * share[0]!, part.loadL * share[1]!],
  }));
}

/** Crews that know the place; where nobody does, everybody is as good, and so is the one an operator sends there. */
function familiarityOf(
  { assets }: Candidate,
  { able, pinned }: Assignment,
  { duties, familiarTo }: ProblemInput,
): Pick<Rules, 'familiarTo'> {
  const crews = new Set(assets.flatMap(({ id }) => familiarTo?.(id) ?? []));
  const known = duties.flatMap(({ vehicle }, index) => (crews.has(vehicle.crewId ?? vehicle.id) ? [index] : []));
  if (known.length === 0) return {};
  return { familiarTo: pinned ? [...new Set([...known, ...able])] : known };
}

/** Crews drive in the areas that they call home, unless it pays to leave them. */
function awayCosts({ assets }: Candidate, { duties, config }: ProblemInput): Pick<Rules, 'visitCosts'> {
  const isAway = ({ vehicle: { homeAreaIds } }: Duty): boolean =>
    homeAreaIds !== undefined && !assets.some(({ areaId }) => areaId !== undefined && homeAreaIds.includes(areaId));
  if (config.COST_AWAY_EUR === 0 || !duties.some(({ vehicle }) => vehicle.homeAreaIds)) return {};
  return { visitCosts: duties.map((duty) => (isAway(duty) ? config.COST_AWAY_EUR * 100 : 0)) };
}

function energyOf({ assets }: Candidate, { duties }: ProblemInput): Pick<Rules, 'energyKwh'> {
  const energyKwh = liftKwh(duties, assets.length);
  return energyKwh > 0 ? { energyKwh } : {};
}

function dwellOf({ dueMs }: Candidate, { duties, startMs }: ProblemInput): Pick<Rules, 'serveByS'> {
  const endMs = Math.max(...duties.map(({ span }) => span.endMs));
  // who is overdue already is served whenever that can be
  return dueMs !== undefined && dueMs > startMs && dueMs < endMs
    ? { serveByS: Math.round((dueMs - startMs) / 1000) }
    : {};
}

/** Gives when the waste of an asset has waited as long as it may: its own limit, or the strictest of its fractions. */
export function dueMsOf(
  { maxDwellDays, fractions }: { maxDwellDays?: number | undefined; fractions: readonly Fraction[] },
  limits: Calendar['maxDwellDays'],
  servedMs: number | undefined,
): number | undefined {
  const days = maxDwellDays ?? Math.min(...fractions.map((fraction) => limits?.[fraction] ?? Infinity));
  // nobody ever told of an emptying: there is nothing to count from
  return servedMs === undefined || !Number.isFinite(days) ? undefined : servedMs + days * DAY_MS;
}
