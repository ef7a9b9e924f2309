import { activeConstraints } from './constraints/index.ts';
import type { Constraint, Shortfall } from './constraints/constraint.ts';
import { asText, burden, WHY } from './explain-words.ts';
import { routeCost } from './evaluate.ts';
import { compile, firstWay, FORBIDDEN, waysOf } from './model.ts';
import type { Model } from './model.ts';
import type { Problem } from './problem.ts';
import type { Solution } from './solution.ts';

/** The least change to the problem that would let one vehicle serve a stop. */
export interface Relaxation {
  readonly vehicle: number;
  readonly code: Shortfall['code'];
  readonly amount: number;
  readonly unit: Shortfall['unit'];
  /** cost of serving it then */
  readonly addedCost: number;
  /** such as "+12 min overtime on vehicle 2 would serve it" */
  readonly text: string;
}

/** Why a stop is in the plan or not. */
export interface Reason {
  readonly stop: number;
  readonly served: boolean;
  readonly code:
    | 'WORTH_ITS_PRIZE'
    | 'AREA_DUE'
    | 'NOT_WORTH_ITS_PRIZE'
    | 'NOT_CHOSEN'
    | 'UNREACHABLE'
    | 'NO_VEHICLES'
    | Shortfall['code'];
  readonly text: string;
  /** what serving it adds, or would add, at the cheapest feasible place */
  readonly addedCost?: number;
  readonly addedDistanceM?: number;
  readonly prize?: number;
  readonly relaxation?: Relaxation;
}

/** A vehicle's sequence of nodes. */
interface Sequence {
  readonly vehicle: number;
  readonly seq: Int32Array;
}

/** A stop put somewhere, with what that breaks. */
interface Attempt {
  readonly vehicle: number;
  readonly addedCost: number;
  readonly addedDistanceM: number;
  readonly shortfalls: readonly Shortfall[];
}

/** Places per vehicle and form that are evaluated in full, the nearest first. */
const PLACES = 6;

function sequences(model: Model, solution: Solution): Sequence[] {
  const byVehicle = new Map(solution.routes.map((route) => [route.vehicle, route.visits]));
  const idle = new Set<number>();
  const found: Sequence[] = [];
  for (const [vehicle, { classId }] of model.vehicles.entries()) {
    const visits = byVehicle.get(vehicle) ?? [];
    if (!visits.length && idle.has(classId)) continue;
    if (!visits.length) idle.add(classId);
    found.push({
      vehicle,
      seq: Int32Array.from(visits, ({ kind, index }) => (kind === 'stop' ? index : model.stopCount + index)),
    });
  }
  return found;
}

function metres(model: Model, vehicle: number, seq: Int32Array): number {
  const { start, end, distanceM } = model.vehicles[vehicle]!;
  let [at, sum] = [start, 0];
  for (const node of seq) {
    sum += distanceM[at * model.locations + model.place[node]!]!;
    at = model.place[node]!;
  }
  return sum + distanceM[at * model.locations + end]!;
}

function withInserted(seq: Int32Array, gap: number, nodes: readonly number[]): Int32Array {
  return Int32Array.from([...seq.subarray(0, gap), ...nodes, ...seq.subarray(gap)]);
}

/** The stop with a visit to each site behind it, before it, or both. */
function tippingForms(model: Model, stop: number): number[][] {
  const sites = Array.from({ length: model.siteCount }, (_, site) => model.stopCount + site);
  return sites.flatMap((site) => [
    [stop, site],
    [site, stop],
    [site, stop, site],
  ]);
}

function attempt(model: Model, rules: readonly Constraint[], base: Sequence, seq: Int32Array): Attempt {
  const { vehicle } = base;
  const was = routeCost(model, vehicle, base.seq, base.seq.length);
  const idle = base.seq.length === 0 && !model.vehicles[vehicle]!.underWay;
  return {
    vehicle,
    addedCost: routeCost(model, vehicle, seq, seq.length) - was,
    addedDistanceM: metres(model, vehicle, seq) - (idle ? 0 : metres(model, vehicle, base.seq)),
    shortfalls: rules.flatMap((rule) => rule.shortfalls(model, vehicle, seq, seq.length)),
  };
}

/** Legs that nodes in a gap add; FORBIDDEN or more where no way leads. */
function addedArcs(model: Model, { vehicle, seq }: Sequence, gap: number, nodes: readonly number[]): number {
  const { start, end, arc } = model.vehicles[vehicle]!;
  const after = gap === seq.length ? end : model.place[seq[gap]!]!;
  let at = gap === 0 ? start : model.place[seq[gap - 1]!]!;
  let sum = -arc[at * model.locations + after]!;
  for (const node of nodes) {
    sum += arc[at * model.locations + model.place[node]!]!;
    at = model.place[node]!;
  }
  return sum + arc[at * model.locations + after]!;
}

/** Evaluates the nearest places for nodes in one vehicle's sequence; none where no way leads. */
function attemptsOf(model: Model, rules: readonly Constraint[], base: Sequence, nodes: readonly number[]): Attempt[] {
  const places: { gap: number; arcs: number }[] = [];
  for (let gap = model.vehicles[base.vehicle]!.locked.length; gap <= base.seq.length; gap++) {
    const arcs = addedArcs(model, base, gap, nodes);
    if (arcs < FORBIDDEN / 2) places.push({ gap, arcs });
  }
  places.sort((x, y) => x.arcs - y.arcs);
  return places.slice(0, PLACES).map(({ gap }) => attempt(model, rules, base, withInserted(base.seq, gap, nodes)));
}

/** The stop alone, and with visits to sites only where that could cure what it lacks alone. */
function attemptsIn(model: Model, rules: readonly Constraint[], base: Sequence, stop: number): Attempt[] {
  const alone = attemptsOf(model, rules, base, [stop]);
  const curable = alone.some(({ shortfalls }) =>
    shortfalls.some(({ code }) => code === 'OVER_CAPACITY' || code === 'NO_SITE_FOR_FRACTION'),
  );
  if (!curable) return alone;
  return [...alone, ...tippingForms(model, stop).flatMap((nodes) => attemptsOf(model, rules, base, nodes))];
}

function leastRelaxation(attempts: readonly Attempt[]): Relaxation | undefined {
  let best: Attempt | undefined;
  for (const candidate of attempts) {
    if (candidate.shortfalls.length !== 1) continue;
    if (!best || burden(candidate.shortfalls[0]!) < burden(best.shortfalls[0]!)) best = candidate;
  }
  if (!best) return undefined;
  const { vehicle, addedCost, shortfalls } = best;
  const { code, amount, unit } = shortfalls[0]!;
  return { vehicle, code, amount, unit, addedCost, text: asText(shortfalls[0]!, vehicle) };
}

/** The rule met most often among the attempts, or the only one of the easiest. */
function mainObstacle(attempts: readonly Attempt[], relaxation: Relaxation | undefined): Shortfall['code'] {
  if (relaxation) return relaxation.code;
  const counts = new Map<Shortfall['code'], number>();
  for (const { code } of attempts.flatMap(({ shortfalls }) => shortfalls))
    counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort((x, y) => y[1] - x[1])[0]![0];
}

function explainUnserved(model: Model, rules: readonly Constraint[], bases: readonly Sequence[], stop: number): Reason {
  const prize = model.required[stop] ? undefined : model.skipCost[stop]!;
  if (!bases.length) return { stop, served: false, code: 'NO_VEHICLES', text: 'there is no vehicle', prize };
  const ways = waysOf(model, stop);
  const attempts = bases.flatMap((base) => ways.flatMap((way) => attemptsIn(model, rules, base, way)));
  if (!attempts.length) return { stop, served: false, code: 'UNREACHABLE', text: 'no way leads there and back', prize };
  const feasible = attempts
    .filter(({ shortfalls }) => shortfalls.length === 0)
    .sort((x, y) => x.addedCost - y.addedCost)[0];
  if (!feasible) {
    const relaxation = leastRelaxation(attempts);
    const code = mainObstacle(attempts, relaxation);
    return {
      stop,
      served: false,
      code,
      text: relaxation ? `${WHY[code]}; ${relaxation.text}` : WHY[code],
      prize,
      relaxation,
    };
  }
  const { addedCost, addedDistanceM } = feasible;
  const worth = prize !== undefined && addedCost >= prize;
  const price = `serving it adds ${Math.round(addedCost)} and ${(addedDistanceM / 1000).toFixed(1)} km`;
  const text = worth
    ? `${price}, leaving it costs ${Math.round(prize)}`
    : `${price}; the search ended before it was placed`;
  return {
    stop,
    served: false,
    code: worth ? 'NOT_WORTH_ITS_PRIZE' : 'NOT_CHOSEN',
    text,
    addedCost,
    addedDistanceM,
    prize,
  };
}

/** Whether the bound of a stop's area would be broken without it. */
function wouldFallShort({ areas }: Model, { unserved }: Solution, stop: number): boolean {
  const area = areas?.of[stop] ?? -1;
  if (!areas || area < 0) return false;
  const left = [...unserved, stop].filter((other) => areas.of[other] === area);
  return left.reduce((sum, other) => sum + areas.weight[other]!, 0) > areas.most[area]!;
}

function explainServed(
  model: Model,
  { vehicle, seq }: Sequence,
  { index, areaShort }: { index: number; areaShort: boolean },
): Reason {
  const stop = firstWay(model, seq[index]!);
  const prize = model.skipCost[stop]!;
  const without = seq.filter((_, i) => i !== index);
  const idle = without.length === 0 && !model.vehicles[vehicle]!.underWay;
  const addedCost = routeCost(model, vehicle, seq, seq.length) - routeCost(model, vehicle, without, without.length);
  const addedDistanceM = metres(model, vehicle, seq) - (idle ? 0 : metres(model, vehicle, without));
  const price = `adds ${Math.round(addedCost)} and ${(addedDistanceM / 1000).toFixed(1)} km on vehicle ${vehicle}`;
  const facts = { stop, served: true, addedCost, addedDistanceM, prize };
  if (addedCost > prize && areaShort)
    return { ...facts, code: 'AREA_DUE', text: `${price}; no more of its area may be left out` };
  return { ...facts, code: 'WORTH_ITS_PRIZE', text: `${price}, leaving it costs ${Math.round(prize)}` };
}

/**
 * Gives the reason for every stop left out, with the least relaxation that would serve it, and for every optional stop
 * served. It looks at the plan as it stands: one stop more, nothing else moved.
 * @returns by stop, ascending
 */
export function explain(problem: Problem, solution: Solution): Reason[] {
  const model = compile(problem);
  // What the timeline lacks in hours is told by the rule that drives it in full.
  const rules = activeConstraints(model).filter(({ name }) => !model.exact || name !== 'time');
  const bases = sequences(model, solution);
  const reasons = solution.unserved.map((stop) => explainUnserved(model, rules, bases, stop));
  for (const base of bases) {
    const { length } = model.vehicles[base.vehicle]!.locked;
    for (let index = length; index < base.seq.length; index++) {
      const node = base.seq[index]!;
      if (node < model.stopCount && !model.required[firstWay(model, node)])
        reasons.push(
          explainServed(model, base, { index, areaShort: wouldFallShort(model, solution, firstWay(model, node)) }),
        );
    }
  }
  return reasons.sort((x, y) => x.stop - y.stop);
}
