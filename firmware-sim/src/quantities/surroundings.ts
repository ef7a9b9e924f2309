import { quantityOf, type Quantity } from '@ronde/contracts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { dice, trait, wobble, type Scene } from './scene.ts';

/** Counts since local midnight: they only grow within a day, and fit into sixteen bits. */
function countedToday(scene: Scene, perDay: number, topic: number): number {
  const shareOfDay = 1 / (1 + Math.exp(-(scene.hour - 14) / 2.6));
  return Math.floor(perDay * (0.6 + 0.8 * dice({ seed: scene.seed, atMs: scene.localMs }, topic, DAY_MS)) * shareOfDay);
}

const rainMmPerH = (scene: Scene): number => Math.max(0, 9 * (wobble(scene, 31, 5 * HOUR_MS) - 0.55));
const windMs = (scene: Scene): number => Math.max(0, 4.5 + 4 * wobble(scene, 32, 9 * HOUR_MS));
const dustUg = (scene: Scene): number =>
  9 * Math.exp(0.8 * wobble(scene, 33, 14 * HOUR_MS)) * (0.8 + 0.25 * scene.activity);
const lampIsOn = ({ sun }: Scene): number => (sun < 0.05 ? 1 : 0);
const dimmed = (scene: Scene): number => (lampIsOn(scene) === 0 ? 0 : scene.hour > 1 && scene.hour < 5 ? 0.4 : 1);
const lampW = (scene: Scene): number => 42 * dimmed(scene) + 0.4;
const soilShare = (scene: Scene): number => 0.24 + 0.1 * trait(scene, 2) + 0.09 * wobble(scene, 34, 6 * DAY_MS);
const waterC = (scene: Scene): number => Math.max(0.5, 0.8 * scene.outsideC + 3 + wobble(scene, 35, 2 * DAY_MS));
const isTaken = (scene: Scene): number =>
  dice(scene, 3, 40 * MINUTE_MS) < Math.min(0.92, 0.45 * scene.activity) ? 1 : 0;
const loudness = (scene: Scene): number => 46 + 6 * Math.log2(1 + 2 * scene.activity) + 4 * wobble(scene, 36, HOUR_MS);

/** Plausible values of what a city measures beside its bins, in the catalogue's units. */
const GENERATORS: Partial<Record<Quantity, (scene: Scene) => number>> = {
  temperature: ({ outsideC }) => outsideC,
  humidity: (scene) => 0.78 - 0.011 * (scene.outsideC - 10) + 0.1 * wobble(scene, 1, 11 * HOUR_MS),
  pressure: (scene) => 101_300 + 1_400 * wobble(scene, 2, 3 * DAY_MS),
  illuminance: (scene) => 0.3 + 90_000 * scene.sun * (0.35 + 0.3 * (1 + wobble(scene, 3, HOUR_MS))),
  solarRadiation: (scene) => 950 * scene.sun * (0.35 + 0.3 * (1 + wobble(scene, 3, HOUR_MS))),
  uvIndex: ({ sun }) => 8 * sun ** 1.4,
  windSpeed: windMs,
  windGust: (scene) => windMs(scene) * (1.4 + 0.3 * dice(scene, 4, HOUR_MS)),
  windDirection: (scene) => (225 + 110 * wobble(scene, 37, DAY_MS) + 360) % 360,
  rainRate: rainMmPerH,
  rainfall: (scene) => rainMmPerH(scene) * (scene.intervalMs / HOUR_MS),
  pm1: (scene) => 0.7 * dustUg(scene),
  pm2_5: dustUg,
  pm4: (scene) => 1.25 * dustUg(scene),
  pm10: (scene) => 1.6 * dustUg(scene),
  co2: (scene) => 420 + 160 * scene.activity + 40 * wobble(scene, 5, 2 * HOUR_MS),
  no2: (scene) => 14 + 12 * scene.activity + 6 * wobble(scene, 6, 4 * HOUR_MS),
  o3: (scene) => 30 + 60 * scene.sun + 10 * wobble(scene, 7, 6 * HOUR_MS),
  tvoc: (scene) => 110 + 60 * scene.activity + 50 * wobble(scene, 8, 3 * HOUR_MS),
  soundLevel: loudness,
  soundPeak: (scene) => loudness(scene) + 9 + 12 * dice(scene, 9, 10 * MINUTE_MS),
  // half a tide of 12.4 h, and what the wind adds
  waterLevel: (scene) =>
    1.4 + 0.45 * Math.cos((2 * Math.PI * scene.atMs) / (12.42 * HOUR_MS)) + 0.2 * wobble(scene, 10, DAY_MS),
  waterTemperature: waterC,
  waterConductivity: (scene) => 620 + 120 * wobble(scene, 11, 3 * DAY_MS),
  turbidity: (scene) => 7 * Math.exp(wobble(scene, 12, DAY_MS)),
  ph: (scene) => 7.7 + 0.35 * wobble(scene, 13, 2 * DAY_MS),
  dissolvedOxygen: (scene) => 11.5 - 0.18 * waterC(scene) + 0.8 * wobble(scene, 14, 12 * HOUR_MS),
  soilMoisture: soilShare,
  soilTemperature: (scene) => 0.6 * scene.outsideC + 4.5,
  soilConductivity: (scene) => 900 * soilShare(scene),
  soilTension: (scene) => Math.max(2, 95 - 240 * soilShare(scene)),
  occupancy: isTaken,
  motion: (scene) => (dice(scene, 15, 5 * MINUTE_MS) < 0.4 * scene.activity ? 1 : 0),
  doorOpen: (scene) => (dice(scene, 16, 10 * MINUTE_MS) < 0.06 * scene.activity ? 1 : 0),
  waterLeak: (scene) => (dice(scene, 17, 6 * HOUR_MS) < 0.003 ? 1 : 0),
  count: (scene) => countedToday(scene, 900, 18),
  peopleIn: (scene) => countedToday(scene, 1_400, 19),
  // nobody leaves before coming: a little fewer than came
  peopleOut: (scene) => Math.floor(0.96 * countedToday(scene, 1_400, 19)),
  deposits: (scene) => countedToday(scene, 60, 20),
  litterCount: (scene) => Math.floor(12 * scene.activity * (0.5 + dice(scene, 21, 15 * MINUTE_MS))),
  buttonPresses: (scene) => countedToday(scene, 40, 22),
  feedbackGood: (scene) => countedToday(scene, 30, 23),
  feedbackNeutral: (scene) => countedToday(scene, 9, 24),
  feedbackBad: (scene) => countedToday(scene, 6, 25),
  lampOn: lampIsOn,
  dimLevel: dimmed,
  power: lampW,
  energy: (scene) => Number((((scene.atMs / DAY_MS) % 365) * 0.45).toFixed(2)),
  current: (scene) => lampW(scene) / 230,
  voltage: (scene) => 230 + 4 * wobble(scene, 26, HOUR_MS),
  latitude: (scene) => scene.position.lat + 0.000_03 * wobble(scene, 27, 10 * MINUTE_MS),
  longitude: (scene) => scene.position.lon + 0.000_04 * wobble(scene, 28, 10 * MINUTE_MS),
};

/** Gives a plausible value of a quantity; one without a line of its own moves in the lower part of its range. */
export function surrounding(quantity: Quantity, scene: Scene): number {
  const { min, max, binary } = quantityOf(quantity);
  const make = GENERATORS[quantity];
  if (make) return Math.min(max, Math.max(min, make(scene)));
  if (binary) return 0;
  const span = Math.min(max - Math.max(min, 0), 1_000);
  return Math.max(min, 0) + span * (0.1 + 0.05 * wobble(scene, quantity.length, 3 * HOUR_MS));
}
