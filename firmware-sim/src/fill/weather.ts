import { DAY_MS } from '../clock.ts';
import { createRng, seedOf } from '../rng.ts';
import { toLocalMs } from './local-time.ts';

const MOST_DAYS = 5_000;
const drawn = new Map<number, Map<number, number>>();

/** Air temperature inside a bin, degrees Celsius: Dutch climate means, a daily swing, and weather that lasts a day. */
export function temperatureC(seed: number, atMs: number): number {
  const localMs = toLocalMs(atMs);
  const day = Math.floor(localMs / DAY_MS);
  const yearly = 10.5 - 7.5 * Math.cos((2 * Math.PI * ((day % 365.25) - 20)) / 365.25);
  const swing = -4 * Math.cos(2 * Math.PI * ((localMs % DAY_MS) / DAY_MS) - 0.8);
  const share = (localMs % DAY_MS) / DAY_MS;
  return yearly + swing + weatherOf(seed, day) * (1 - share) + weatherOf(seed, day + 1) * share;
}

function weatherOf(seed: number, day: number): number {
  let days = drawn.get(seed);
  if (!days || days.size > MOST_DAYS) drawn.set(seed, (days = new Map<number, number>()));
  let weather = days.get(day);
  if (weather === undefined) days.set(day, (weather = createRng(seedOf(seed, `weather ${day}`)).normal(0, 3)));
  return weather;
}
