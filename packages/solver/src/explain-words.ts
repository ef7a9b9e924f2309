import type { Shortfall } from './constraints/constraint.ts';

/** Says which change would serve a stop. */
export function asText({ code, amount, unit, dimension }: Shortfall, vehicle: number): string {
  const quantity = unit === 's' ? `${Math.max(1, Math.ceil(amount / 60))} min` : `${Math.ceil(amount)}`;
  switch (code) {
    case 'SHIFT_EXCEEDED':
      return `+${quantity} overtime on vehicle ${vehicle} would serve it`;
    case 'DURATION_EXCEEDED':
      return `a ${quantity} longer duty on vehicle ${vehicle} would serve it`;
    case 'WINDOW_MISSED':
      return `windows ${quantity} longer would let vehicle ${vehicle} serve it`;
    case 'OVER_CAPACITY':
      return `+${quantity} capacity (load ${dimension}) on vehicle ${vehicle} would serve it`;
    case 'NO_SITE_FOR_FRACTION':
      return `a disposal site that takes its fraction would let vehicle ${vehicle} serve it`;
    case 'OVERLOAD_RISK':
      return `+${quantity} payload on vehicle ${vehicle} would make an overload unlikely enough to serve it`;
    case 'NO_COMPARTMENT':
      return `+${quantity} room in compartment ${dimension} of vehicle ${vehicle} would serve it`;
    case 'BATTERY_EMPTY':
      return `+${quantity} kWh in vehicle ${vehicle} would serve it`;
    case 'TOO_UNFAMILIAR':
      return `${quantity} more unfamiliar stop(s) for the crew of vehicle ${vehicle} would serve it`;
    case 'BREAK_MISSING':
      return `without the breaks its crew is owed vehicle ${vehicle} could serve it`;
    case 'VEHICLE_NOT_ALLOWED':
      return `allowing vehicle ${vehicle} would serve it`;
  }
}

/** Why a stop is left out, by what stands in its way. */
export const WHY: Record<Shortfall['code'], string> = {
  SHIFT_EXCEEDED: 'no shift has the time left',
  DURATION_EXCEEDED: 'every route would become too long',
  WINDOW_MISSED: 'no vehicle can be there, and at its other stops, in time',
  OVERLOAD_RISK: 'every vehicle would be too likely to be overloaded',
  NO_COMPARTMENT: 'no compartment has room for what it holds',
  BATTERY_EMPTY: 'no battery reaches it and the way home',
  TOO_UNFAMILIAR: 'every crew would serve too many stops it does not know',
  BREAK_MISSING: 'the breaks that crews are owed leave no time for it',
  OVER_CAPACITY: 'it does not fit in any vehicle',
  NO_SITE_FOR_FRACTION: 'no disposal site within reach takes its fraction',
  VEHICLE_NOT_ALLOWED: 'the vehicles that may serve it cannot',
};

/** Ranks relaxations: time first, then load, then rules that money does not bend. */
export function burden({ code, amount }: Shortfall): number {
  const hardness = {
    SHIFT_EXCEEDED: 0,
    DURATION_EXCEEDED: 0,
    WINDOW_MISSED: 0,
    OVER_CAPACITY: 1,
    OVERLOAD_RISK: 1,
    NO_COMPARTMENT: 1,
    BATTERY_EMPTY: 1,
    TOO_UNFAMILIAR: 1,
    BREAK_MISSING: 2,
    NO_SITE_FOR_FRACTION: 2,
    VEHICLE_NOT_ALLOWED: 2,
  };
  return hardness[code] * 1e9 + amount;
}
