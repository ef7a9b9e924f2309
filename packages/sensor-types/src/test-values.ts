import type { Quantity } from '@ronde/contracts';

/**
 * Three values of each quantity that devices beyond bins measure: an ordinary one, a high one and the edge of the scale,
 * all on the coarsest step in which a device of ours sends them.
 */
const SIMULATED_QUANTITIES: Partial<Record<Quantity, readonly [number, number, number]>> = {
  fill: [0.74, 0.02, 1],
  distanceMin: [0.5, 2.3, 3.15],
  distanceMax: [0.55, 2.4, 3.3],
  tiltAngle: [3, 60, 0],
  fullAlarm: [1, 0, 0],
  fireAlarm: [0, 1, 0],
  batteryLow: [0, 1, 0],
  latitude: [52.3676, 40.039, -33.87],
  longitude: [4.9041, 116.507, -151.21],
  count: [3, 120, 0],
  occupancy: [1, 0, 1],
  motion: [0, 1, 0],
  doorOpen: [1, 0, 1],
  waterLeak: [0, 1, 0],
  illuminance: [39, 1200, 0],
  soundLevel: [47, 62, 35],
  soundPeak: [62, 98, 40],
  pm1: [4, 31, 0],
  pm2_5: [9, 32, 0],
  pm4: [11, 40, 0],
  pm10: [14, 48, 0],
  co2: [453, 1255, 400],
  tvoc: [7, 320, 0],
  o3: [39.92, 119.76, 0],
  waterLevel: [1.2, 4.232, 0.05],
  waterTemperature: [18.5, 24.5, -0.5],
  waterConductivity: [100, 52_000, 0],
  soilMoisture: [0.215, 0.575, 0],
  soilTemperature: [12.5, 27.1, -3.5],
  soilConductivity: [240, 1200, 0],
  windSpeed: [0.9, 12.3, 0],
  windGust: [2.4, 31.5, 0],
  windDirection: [121, 359, 0],
  rainfall: [1.23, 30.05, 0],
  rainRate: [0.25, 12.75, 0],
  solarRadiation: [10, 980, 0],
  uvIndex: [0.5, 7.2, 0],
  peopleIn: [18, 240, 0],
  peopleOut: [22, 235, 0],
  buttonPresses: [1, 1, 1],
  litterCount: [3, 41, 0],
  lampOn: [1, 1, 0],
  lampFault: [0, 1, 0],
  dimLevel: [0.5, 1, 0],
  power: [42, 89, 0],
  energy: [5.141, 234.567, 0],
  voltage: [229, 241, 0],
};

/** Gives the n-th value of every quantity, for an encoder. */
export function simulatedValues(n: 0 | 1 | 2): Partial<Record<Quantity, number>> {
  return Object.fromEntries(Object.entries(SIMULATED_QUANTITIES).map(([quantity, three]) => [quantity, three[n]]));
}
