import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';
import { withInserted } from './draft.ts';
import type { Constraint } from './constraint.ts';

/** Batteries and chargers. */
export interface EnergyModel {
  /** per vehicle; capacity Infinity for one that burns fuel */
  readonly capacityKwh: Float64Array;
  readonly startKwh: Float64Array;
  readonly reserveKwh: Float64Array;
  readonly kwhPerM: Float64Array;
  /** per stop: lifts and compaction */
  readonly stopKwh: Float64Array;
  /** per site; 0 where there is no charger */
  readonly chargeKw: Float64Array;
}

/** Gives batteries and chargers; undefined when every vehicle burns fuel. */
export function compileEnergy({ vehicles, stops, sites = [] }: Problem): EnergyModel | undefined {
  if (!vehicles.some(({ battery }) => battery)) return undefined;
  return {
    capacityKwh: Float64Array.from(vehicles, ({ battery }) => battery?.capacityKwh ?? Infinity),
    startKwh: Float64Array.from(vehicles, ({ battery }) => battery?.startKwh ?? battery?.capacityKwh ?? Infinity),
    reserveKwh: Float64Array.from(vehicles, ({ battery }) => battery?.reserveKwh ?? 0),
    kwhPerM: Float64Array.from(vehicles, ({ battery }) => (battery?.kwhPerKm ?? 0) / 1_000),
    stopKwh: Float64Array.from(stops, ({ energyKwh }) => energyKwh ?? 0),
    chargeKw: Float64Array.from(sites, ({ chargeKw }) => chargeKw ?? 0),
  };
}

/** Kilowatt-hours short over a sequence, beyond what its chargers can give; fills charged per element when given. */
function deficit(
  model: Model,
  vehicle: number,
  { seq, len }: { seq: Int32Array; len: number },
  charged?: Float64Array,
): number {
  const { place, stopCount, locations: n } = model;
  const { start, end, distanceM } = model.vehicles[vehicle]!;
  const { capacityKwh, startKwh, reserveKwh, kwhPerM, stopKwh, chargeKw } = model.energy!;
  const [perM, reserve] = [kwhPerM[vehicle]!, reserveKwh[vehicle]!];
  // From the last charger on: what the battery must hold before each stretch. Charging as late as can be delays least.
  let level = startKwh[vehicle]!;
  let worst = 0;
  let at = start;
  let charger = -1;
  let used = 0;
  for (let i = 0; i <= len; i++) {
    const node = i < len ? seq[i]! : -1;
    const to = node < 0 ? end : place[node]!;
    used += perM * distanceM[at * n + to]!;
    at = to;
    if (node >= 0 && node < stopCount) used += stopKwh[node]!;
    if (node >= 0 && (node < stopCount || chargeKw[node - stopCount] === 0)) continue;
    // a charger, or the end: settle the stretch behind the last charger
    const wanted = used + reserve;
    if (charger >= 0) {
      const more = Math.min(Math.max(0, wanted - level), capacityKwh[vehicle]! - level);
      if (charged) charged[charger] = more;
      level += more;
    }
    worst = Math.max(worst, wanted - level);
    level -= used;
    used = 0;
    charger = i + 1;
  }
  return worst;
}

/** Adds the seconds of charging to the visits that charge, and the kilowatt-hours to charged; by element, 1 to len. */
export function addCharges(
  model: Model,
  vehicle: number,
  { seq, len }: { seq: Int32Array; len: number },
  { extraS, charged }: { extraS: Float64Array; charged: Float64Array },
): void {
  if (model.energy!.capacityKwh[vehicle] === Infinity) return;
  deficit(model, vehicle, { seq, len }, charged);
  for (let i = 1; i <= len; i++)
    if (charged[i]! > 0) extraS[i]! += (3_600 * charged[i]!) / model.energy!.chargeKw[seq[i - 1]! - model.stopCount]!;
}

/** Keeps a battery above its reserve until the next charger or the way home. A charger on the way can cure what lacks. */
export const energy: Constraint = {
  name: 'energy',
  curedByDisposal: true,
  supports: (model) => model.energy !== undefined,
  refresh: () => undefined,
  admits(model, route, gap, a, b) {
    if (model.energy!.capacityKwh[route.vehicle] === Infinity) return true;
    const len = route.len + (b < 0 ? 1 : 2);
    return deficit(model, route.vehicle, { seq: withInserted(route, gap, a, b), len }) <= 1e-6;
  },
  holds(model, vehicle, seq, len) {
    return model.energy!.capacityKwh[vehicle] === Infinity || deficit(model, vehicle, { seq, len }) <= 1e-6;
  },
  shortfalls(model, vehicle, seq, len) {
    if (model.energy!.capacityKwh[vehicle] === Infinity) return [];
    const amount = deficit(model, vehicle, { seq, len });
    return amount > 1e-6 ? [{ code: 'BATTERY_EMPTY', amount, unit: 'kWh' }] : [];
  },
};
