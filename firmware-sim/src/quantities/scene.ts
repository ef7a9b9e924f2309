import type { LatLon } from '@ronde/contracts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { weekOf } from '../fill/demand.ts';
import { hourOfWeek, toLocalMs } from '../fill/local-time.ts';
import { mixSeed } from '../rng.ts';

/** The place and moment of a measurement that has nothing to do with a bin. */
export interface Scene {
  atMs: number;
  /** The city's wall clock as if it were UTC. */
  localMs: number;
  /** Local time of day, hours. */
  hour: number;
  /** Height of the sun: 0 at night to 1 at noon in June. */
  sun: number;
  /** How busy the place is: mean 1 over the week. */
  activity: number;
  outsideC: number;
  position: LatLon;
  /** A number of the device, for everything that differs between devices. */
  seed: number;
  intervalMs: number;
}

const MIDSUMMER = 172;

/** Describes a place at a moment. */
export function sceneOf(given: {
  atMs: number;
  outsideC: number;
  position: LatLon;
  seed: number;
  intervalMs: number;
}): Scene {
  const { atMs } = given;
  const localMs = toLocalMs(atMs);
  const hour = (localMs % DAY_MS) / HOUR_MS;
  const dayOfYear = (localMs / DAY_MS) % 365.25;
  const season = Math.cos((2 * Math.PI * (dayOfYear - MIDSUMMER)) / 365.25);
  // 52° north: eight hours of day in December, seventeen in June
  const halfDayH = 6.2 + 2.2 * season;
  const arc = Math.cos((Math.PI / 2) * ((hour - 13.2) / halfDayH));
  const sun = Math.abs(hour - 13.2) < halfDayH ? Math.max(0, arc) * (0.65 + 0.35 * season) : 0;
  return { ...given, localMs, hour, sun, activity: weekOf('shopping')[hourOfWeek(atMs)]! };
}

/**
 * Smooth chance without memory: moves between -1 and 1, the same for a device whenever it is asked.
 * @param topic keeps quantities of one device apart
 * @param periodMs time over which it changes its mind
 */
export function wobble({ seed, atMs }: Pick<Scene, 'seed' | 'atMs'>, topic: number, periodMs: number): number {
  const step = Math.floor(atMs / periodMs);
  const share = atMs / periodMs - step;
  const eased = share * share * (3 - 2 * share);
  const [from, to] = [unit(mixSeed(seed + topic, step)), unit(mixSeed(seed + topic, step + 1))];
  return 2 * (from + (to - from) * eased) - 1;
}

/** A share between 0 and 1 that belongs to the device. */
export function trait({ seed }: Pick<Scene, 'seed'>, topic: number): number {
  return unit(mixSeed(seed, topic * 7_919));
}

/** A new share between 0 and 1 in every period: for things that jump. */
export function dice({ seed, atMs }: Pick<Scene, 'seed' | 'atMs'>, topic: number, periodMs: number): number {
  return unit(mixSeed(seed ^ topic, Math.floor(atMs / periodMs)));
}

function unit(hash: number): number {
  return (hash >>> 0) / 4_294_967_296;
}
