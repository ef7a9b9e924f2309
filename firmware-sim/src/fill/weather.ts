import { DAY_MS } from '../clock.ts';
import { createRng, seedOf } from '../rng.ts';
import { toLocalMs } from './local-time.ts';

/** Air temperature inside a bin, degrees Celsius: Dutch climate means, a daily swing, and weather that lasts a day. */
export function temperatureC(seed: number, atMs: number): number {
  const localMs = toLocalMs(atMs);
  const day = Math.floor(localMs / DAY_MS);
  const yearly = 10.5 - 7.5 * Math.cos((2 * Math.PI * ((day % 365.25) - 20)) / 365.25);
  const swing = -4 * Math.cos(2 * Math.PI * ((localMs % DAY_MS) / DAY_MS) - 0.8);
  const share = (localMs % DAY_MS) / DAY_MS;
  const weather = (of: number): number => createRng(seedOf(seed, `weather ${of}`)).normal(0, 3);
  return yearly + swing + weather(day) * (1 - share) + weather(day + 1) * share;
}
