import type { Vehicle } from './problem.ts';

/** Prices in euros; every one is a starting point for whoever plans to correct. */
export interface Prices {
  /** a crew, for an hour on duty */
  readonly perCrewHour: number;
  /** driving: fuel or current, tyres, upkeep; CO2 apart */
  readonly perKm: number;
  /** using a vehicle in a shift at all */
  readonly perVehicleShift: number;
  /** a full container that people still come to, for an hour */
  readonly perOverflowHour: number;
  readonly perTonneCo2: number;
  /** kilograms of CO2 that a vehicle gives off per km; 0 for an electric one on green current */
  readonly co2KgPerKm: number;
}

/**
 * Orders of magnitude for a Dutch city: two people on a lorry at 35 euros an hour each, running costs of a 26 t
 * lorry without its driver, its daily share of purchase and insurance, a shadow price of carbon, and diesel at 0.45 l/km and
 * 2.6 kg/l. Assumptions of this project, not measurements: replace them by your own books.
 */
export const EURO_DEFAULTS: Prices = {
  perCrewHour: 70,
  perKm: 0.9,
  perVehicleShift: 120,
  perOverflowHour: 2,
  perTonneCo2: 150,
  co2KgPerKm: 1.2,
};

/** Turns prices into the cost fields of a vehicle, in cents. */
export function vehicleCosts(prices: Prices): Required<Pick<Vehicle, 'fixedCost' | 'costPerM' | 'costPerS'>> {
  const perKm = prices.perKm + (prices.perTonneCo2 * prices.co2KgPerKm) / 1_000;
  return {
    fixedCost: 100 * prices.perVehicleShift,
    costPerM: perKm / 10,
    costPerS: prices.perCrewHour / 36,
  };
}
