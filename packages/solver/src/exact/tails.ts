import { lastStartInHours } from '../constraints/hours.ts';
import type { HoursOfVehicle } from '../constraints/hours.ts';
import { latestWeighIn } from '../constraints/queue.ts';
import { latestLeave } from '../constraints/travel-by-hour.ts';
import type { BreakModel } from '../constraints/breaks.ts';
import type { Model } from '../model.ts';

/** Parts in which breaks are looked for ahead; where more would be owed they are looked for in one piece. */
const MOST_PARTS = 6;

/**
 * A way to satisfy the totals owed: so much break in all, and home by then, before more is owed. Row r of the tails is
 * that with r parts of the break still to be had.
 */
export interface Tier {
  readonly needS: number;
  readonly endS: number;
  readonly row: number;
  readonly rows: number;
  readonly stepS: number;
}

/** What lies behind each visit of a route: how late one may come there. */
export interface Tails {
  readonly tiers: readonly Tier[];
  /** rows per element; row 0 heeds no breaks and no longest duration */
  readonly rows: number;
  /**
   * Float64Array elements·rows, row-major [element*rows+row], seconds: an arrival up to then surely gets home (but row 0,
   * after which none does)
   */
  readonly latestS: Float64Array;
  /** per element, seconds of work, and of driving, from the arrival there on, at the quickest */
  readonly workS: Float64Array;
  readonly drivenS: Float64Array;
}

/** The tiers that a vehicle which departs at a time may have to reach, the first that needs no more than its shift last. */
function tiersOf(model: Model, vehicle: number, departS: number): Tier[] {
  const rules: BreakModel | undefined = model.exact!.breaks?.[vehicle];
  const { latestS, maxDurationS } = model.vehicles[vehicle]!;
  const lastS = Math.min(latestS, departS + maxDurationS);
  if (!rules) return [{ needS: 0, endS: lastS, row: lastS === latestS ? 0 : 1, rows: 1, stepS: 1 }];
  const tiers: Tier[] = [];
  const { overS, breakS, partS, soFar } = rules;
  let [needS, row] = [0, 1];
  for (let k = 0; k <= overS.length; k++) {
    if (k > 0) needS = Math.max(needS, breakS[k - 1]! - soFar.breakS);
    const moreS = k < overS.length ? overS[k]! - soFar.workedS + departS + needS : Infinity;
    const endS = Math.min(lastS, moreS);
    if (endS < departS) continue;
    const parts = Math.ceil(needS / partS);
    const stepS = parts > MOST_PARTS ? needS : partS;
    const rows = (parts > MOST_PARTS ? 1 : parts) + 1;
    tiers.push({ needS, endS, row, rows, stepS });
    row += rows;
    if (endS === lastS) break;
  }
  return tiers;
}

/** Creates the tails of a vehicle that departs at a time, with room for so many elements. */
export function createTails(model: Model, vehicle: number, departS: number, elements: number): Tails {
  const tiers = tiersOf(model, vehicle, departS);
  const rows = Math.max(1, ...tiers.map((tier) => tier.row + tier.rows));
  return {
    tiers,
    rows,
    latestS: new Float64Array(elements * rows),
    workS: new Float64Array(elements),
    drivenS: new Float64Array(elements),
  };
}

/** The latest start at a node after which its work is done by a moment; -Infinity when there is none. */
function lastStart(
  model: Model,
  hours: HoursOfVehicle | undefined,
  { node, extraS, doneS }: { node: number; extraS: number; doneS: number },
): number {
  let untilS = doneS - model.serviceS[node]! - extraS;
  const queue = node >= model.stopCount ? model.exact!.queues?.[node - model.stopCount] : undefined;
  if (queue) untilS = latestWeighIn(queue, untilS + queue.weighInS);
  const own = hours?.get(node);
  if (own) return lastStartInHours(own, untilS);
  for (let window = model.windowFrom[node + 1]! - 1; window >= model.windowFrom[node]!; window--)
    if (model.openS[window]! <= untilS) return Math.min(model.closeS[window]!, untilS);
  return -Infinity;
}

/** Latest arrivals at the end, by row. */
function endTails(model: Model, vehicle: number, { tiers, rows, latestS }: Tails, element: number): void {
  // A break before the last drive delays the end by its length, unless the pace changes meanwhile.
  const still = model.exact!.paces?.[vehicle] === undefined;
  latestS[element * rows] = model.vehicles[vehicle]!.latestS;
  for (const { endS, row, rows: count, stepS } of tiers) {
    for (let k = 0; k < count; k++)
      latestS[element * rows + row + k] = k === 0 ? endS : still ? endS - k * stepS : -Infinity;
  }
}

/** Turns the latest starts of work at an element into latest arrivals, the breaks had in between. */
function addBreaks({ tiers, rows, latestS }: Tails, element: number, startS: Float64Array): void {
  const base = element * rows;
  latestS[base] = startS[0]!;
  for (let t = 0; t < tiers.length; t++) {
    const { row, rows: count, stepS } = tiers[t]!;
    for (let k = 0; k < count; k++) {
      let latest = startS[row + k]!;
      if (k > 0) latest = Math.max(latest, startS[row + k - 1]! - stepS, startS[row]! - k * stepS);
      latestS[base + row + k] = latest;
    }
  }
}

let starts = new Float64Array(32);

/** Fills the tails of a sequence, from the end back. */
export function fillTails(
  model: Model,
  vehicle: number,
  { seq, len }: { seq: Int32Array; len: number },
  { tails, extraS, releasedS }: { tails: Tails; extraS: Float64Array; releasedS: Float64Array },
): void {
  const { end, durationS } = model.vehicles[vehicle]!;
  const { place, serviceS, locations: n } = model;
  const paces = model.exact!.paces?.[vehicle];
  const hours = model.exact!.hours?.[vehicle];
  const { rows, latestS, workS, drivenS } = tails;
  if (starts.length < rows) starts = new Float64Array(rows * 2);
  endTails(model, vehicle, tails, len + 1);
  workS[len + 1] = 0;
  drivenS[len + 1] = 0;
  let to = end;
  for (let element = len; element >= 1; element--) {
    const node = seq[element - 1]!;
    const leg = place[node]! * n + to;
    for (let row = 0; row < rows; row++) {
      const arriveS = latestS[(element + 1) * rows + row]!;
      const leaveS = paces ? latestLeave(paces, leg, arriveS) : arriveS - durationS[leg]!;
      const doneS = releasedS[element]! > leaveS ? -Infinity : leaveS;
      starts[row] = lastStart(model, hours, { node, extraS: extraS[element]!, doneS });
    }
    addBreaks(tails, element, starts);
    workS[element] = workS[element + 1]! + durationS[leg]! + serviceS[node]! + extraS[element]!;
    drivenS[element] = drivenS[element + 1]! + durationS[leg]!;
    to = place[node]!;
  }
}
