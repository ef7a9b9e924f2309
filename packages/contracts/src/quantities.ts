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
  distanceMin: { unit: 'm', min: 0, max: 20, en: 'Nearest distance', nl: 'Kleinste afstand' },
  distanceMax: { unit: 'm', min: 0, max: 20, en: 'Farthest distance', nl: 'Grootste afstand' },
  fullAlarm: { unit: '1', min: 0, max: 1, en: 'Full by the sensor', nl: 'Vol volgens sensor', binary: true },
  fireAlarm: { unit: '1', min: 0, max: 1, en: 'Fire by the sensor', nl: 'Brand volgens sensor', binary: true },
  batteryLow: { unit: '1', min: 0, max: 1, en: 'Battery low', nl: 'Batterij bijna leeg', binary: true },
  motion: { unit: '1', min: 0, max: 1, en: 'Motion', nl: 'Beweging', binary: true },
  doorOpen: { unit: '1', min: 0, max: 1, en: 'Door open', nl: 'Deur open', binary: true },
  waterLeak: { unit: '1', min: 0, max: 1, en: 'Water leak', nl: 'Waterlek', binary: true },
  latitude: { unit: 'deg', min: -90, max: 90, en: 'Latitude', nl: 'Breedtegraad' },
  longitude: { unit: 'deg', min: -180, max: 180, en: 'Longitude', nl: 'Lengtegraad' },
  deposits: { unit: '1', min: 0, max: 1e9, en: 'Deposits', nl: 'Stortingen' },
  liftedMass: { unit: 'kg', min: 0, max: 20_000, en: 'Lifted mass', nl: 'Gelicht gewicht' },
  ticketMass: { unit: 'kg', min: 0, max: 80_000, en: 'Weighed mass', nl: 'Gewogen massa' },
  litterCount: { unit: '1', min: 0, max: 1e6, en: 'Litter items', nl: 'Zwerfafval (stuks)' },
  peopleIn: { unit: '1', min: 0, max: 1e9, en: 'People in', nl: 'Personen in' },
  peopleOut: { unit: '1', min: 0, max: 1e9, en: 'People out', nl: 'Personen uit' },
  buttonPresses: { unit: '1', min: 0, max: 1e9, en: 'Button presses', nl: 'Knopdrukken' },
  feedbackGood: { unit: '1', min: 0, max: 1e9, en: 'Good votes', nl: 'Stemmen goed' },
  feedbackNeutral: { unit: '1', min: 0, max: 1e9, en: 'Neutral votes', nl: 'Stemmen neutraal' },
  feedbackBad: { unit: '1', min: 0, max: 1e9, en: 'Bad votes', nl: 'Stemmen slecht' },
  soundPeak: { unit: 'dB[SPL]', min: 0, max: 180, en: 'Sound peak', nl: 'Geluidspiek' },
  pm1: { unit: 'ug/m3', min: 0, max: 2_000, en: 'Fine dust PM1', nl: 'Fijnstof PM1' },
  pm4: { unit: 'ug/m3', min: 0, max: 3_000, en: 'Fine dust PM4', nl: 'Fijnstof PM4' },
  no2: { unit: 'ug/m3', min: 0, max: 20_000, en: 'Nitrogen dioxide', nl: 'Stikstofdioxide' },
  o3: { unit: 'ug/m3', min: 0, max: 20_000, en: 'Ozone', nl: 'Ozon' },
  tvoc: { unit: '[ppb]', min: 0, max: 65_000, en: 'Volatile organics', nl: 'Vluchtige organische stoffen' },
  windSpeed: { unit: 'm/s', min: 0, max: 120, en: 'Wind speed', nl: 'Windsnelheid' },
  windGust: { unit: 'm/s', min: 0, max: 150, en: 'Wind gust', nl: 'Windstoot' },
  windDirection: { unit: 'deg', min: 0, max: 360, en: 'Wind direction', nl: 'Windrichting' },
  rainfall: { unit: 'mm', min: 0, max: 100_000, en: 'Rainfall', nl: 'Neerslag' },
  rainRate: { unit: 'mm/h', min: 0, max: 500, en: 'Rain rate', nl: 'Neerslagintensiteit' },
  solarRadiation: { unit: 'W/m2', min: 0, max: 2_000, en: 'Solar radiation', nl: 'Zonnestraling' },
  uvIndex: { unit: '1', min: 0, max: 20, en: 'UV index', nl: 'Zonkracht' },
  soilTemperature: { unit: 'Cel', min: -45, max: 90, en: 'Soil temperature', nl: 'Bodemtemperatuur' },
  soilConductivity: { unit: 'uS/cm', min: 0, max: 30_000, en: 'Soil conductivity', nl: 'Geleidbaarheid bodem' },
  soilTension: { unit: 'kPa', min: 0, max: 300, en: 'Soil water tension', nl: 'Zuigspanning bodem' },
  waterConductivity: { unit: 'uS/cm', min: 0, max: 200_000, en: 'Water conductivity', nl: 'Geleidbaarheid water' },
  turbidity: { unit: '{NTU}', min: 0, max: 10_000, en: 'Turbidity', nl: 'Troebelheid' },
  ph: { unit: '[pH]', min: 0, max: 14, en: 'Acidity', nl: 'Zuurgraad' },
  dissolvedOxygen: { unit: 'mg/L', min: 0, max: 60, en: 'Dissolved oxygen', nl: 'Opgeloste zuurstof' },
  lampOn: { unit: '1', min: 0, max: 1, en: 'Lamp on', nl: 'Lamp aan', binary: true },
  lampFault: { unit: '1', min: 0, max: 1, en: 'Lamp fault', nl: 'Lampstoring', binary: true },
  dimLevel: { unit: '1', min: 0, max: 1, en: 'Dim level', nl: 'Dimniveau' },
  power: { unit: 'W', min: -1e6, max: 1e6, en: 'Power', nl: 'Vermogen' },
  energy: { unit: 'kW.h', min: 0, max: 1e9, en: 'Energy', nl: 'Energie' },
  current: { unit: 'A', min: -10_000, max: 10_000, en: 'Current', nl: 'Stroom' },
  voltage: { unit: 'V', min: -1_000, max: 100_000, en: 'Voltage', nl: 'Spanning' },
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
