import type { UcumCode } from './units.ts';

/** What a quantity means: unit it is stored in, plausible range, and its name in both languages. */
export interface QuantityDefinition {
  unit: UcumCode;
  min: number;
  max: number;
  en: string;
  nl: string;
  /** True for yes/no states carried as 0 or 1. */
  binary?: boolean;
}

/** The one catalogue of observable quantities; a new quantity is one line here. */
export const QUANTITIES = {
  fill: { unit: '1', min: 0, max: 1, en: 'Fill level', nl: 'Vulgraad' },
  distance: { unit: 'm', min: 0, max: 20, en: 'Distance', nl: 'Afstand' },
  temperature: { unit: 'Cel', min: -45, max: 90, en: 'Temperature', nl: 'Temperatuur' },
  humidity: { unit: '1', min: 0, max: 1, en: 'Relative humidity', nl: 'Luchtvochtigheid' },
  pressure: { unit: 'Pa', min: 30_000, max: 120_000, en: 'Air pressure', nl: 'Luchtdruk' },
  battery: { unit: '1', min: 0, max: 1, en: 'Battery charge', nl: 'Batterijlading' },
  batteryVoltage: { unit: 'V', min: 0, max: 60, en: 'Battery voltage', nl: 'Batterijspanning' },
  tilt: { unit: '1', min: 0, max: 1, en: 'Tilted', nl: 'Gekanteld', binary: true },
  tiltAngle: { unit: 'deg', min: -180, max: 180, en: 'Tilt angle', nl: 'Kantelhoek' },
  lidOpen: { unit: '1', min: 0, max: 1, en: 'Lid open', nl: 'Deksel open', binary: true },
  mass: { unit: 'kg', min: 0, max: 50_000, en: 'Mass', nl: 'Massa' },
  volume: { unit: 'm3', min: 0, max: 100, en: 'Volume', nl: 'Volume' },
  count: { unit: '1', min: 0, max: 1e9, en: 'Count', nl: 'Telling' },
  occupancy: { unit: '1', min: 0, max: 1, en: 'Occupied', nl: 'Bezet', binary: true },
  illuminance: { unit: 'lx', min: 0, max: 200_000, en: 'Illuminance', nl: 'Verlichtingssterkte' },
  soundLevel: { unit: 'dB[SPL]', min: 0, max: 160, en: 'Sound level', nl: 'Geluidsniveau' },
  pm2_5: { unit: 'ug/m3', min: 0, max: 2_000, en: 'Fine dust PM2.5', nl: 'Fijnstof PM2,5' },
  pm10: { unit: 'ug/m3', min: 0, max: 3_000, en: 'Fine dust PM10', nl: 'Fijnstof PM10' },
  co2: { unit: '[ppm]', min: 0, max: 40_000, en: 'Carbon dioxide', nl: 'Kooldioxide' },
  waterLevel: { unit: 'm', min: -50, max: 500, en: 'Water level', nl: 'Waterstand' },
  waterTemperature: { unit: 'Cel', min: -5, max: 60, en: 'Water temperature', nl: 'Watertemperatuur' },
  soilMoisture: { unit: '1', min: 0, max: 1, en: 'Soil moisture', nl: 'Bodemvocht' },
  rssi: { unit: 'dB[mW]', min: -200, max: 20, en: 'Signal strength', nl: 'Signaalsterkte' },
  snr: { unit: 'dB', min: -60, max: 60, en: 'Signal to noise', nl: 'Signaal-ruisverhouding' },
} as const satisfies Record<string, QuantityDefinition>;

export type Quantity = keyof typeof QUANTITIES;
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as [Quantity, ...Quantity[]];

/** Tells whether a name stands in the catalogue. */
export function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(QUANTITIES, name);
}

/** Gives a quantity's definition (unit, range, names). */
export function quantityOf(name: Quantity): QuantityDefinition {
  return QUANTITIES[name];
}
