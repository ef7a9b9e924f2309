import type { ChamberDemand, DemandProfile } from '../city/model.ts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { createRng, seedOf, type Rng } from '../rng.ts';
import { hourOfWeek, toLocalMs, toUtcMs } from './local-time.ts';

/** Bumps of activity over a day: [peak hour, width in hours, height]. */
type Bumps = readonly (readonly [number, number, number])[];
interface Rhythm {
  workday: Bumps;
  saturday: Bumps;
  sunday: Bumps;
  floor: number;
  /** Swing over the year, with its top in July (+) or January (-). */
  season: number;
}

const RHYTHMS: Record<DemandProfile, Rhythm> = {
  street: {
    workday: [
      [8, 1.5, 1],
      [12.5, 1.5, 1.2],
      [17.5, 2, 1.4],
    ],
    saturday: [[14, 3.5, 1.5]],
    sunday: [[15, 3.5, 1]],
    floor: 0.08,
    season: 0.15,
  },
  shopping: {
    workday: [
      [12.5, 2, 1.2],
      [16.5, 2.5, 1.4],
    ],
    saturday: [
      [14.5, 3, 2.6],
      [22, 2, 1.2],
    ],
    sunday: [[15, 2.5, 1.6]],
    floor: 0.06,
    season: 0.1,
  },
  park: {
    workday: [
      [12.5, 1.5, 0.7],
      [17.5, 2.5, 1.2],
    ],
    saturday: [[15, 3.5, 3]],
    sunday: [[15, 3.5, 3.2]],
    floor: 0.04,
    season: 0.55,
  },
  home: {
    workday: [
      [7.5, 1.2, 1.1],
      [19, 2, 1.5],
    ],
    saturday: [[11, 3, 2]],
    sunday: [[14, 4, 1.1]],
    floor: 0.03,
    season: 0.05,
  },
  recycling: {
    workday: [
      [10, 2, 0.7],
      [19, 2, 1],
    ],
    saturday: [[12, 3, 2.4]],
    sunday: [[14, 3, 1.7]],
    floor: 0.01,
    season: -0.08,
  },
  airport: {
    workday: [
      [6.5, 1.5, 2],
      [12, 3, 1.3],
      [17.5, 2, 1.7],
    ],
    saturday: [
      [9, 3, 1.6],
      [15, 3, 1.2],
    ],
    sunday: [[16, 4, 1.8]],
    floor: 0.15,
    season: 0.2,
  },
};

function bumpsAt(bumps: Bumps, hour: number): number {
  return bumps.reduce((sum, [peak, width, height]) => sum + height * Math.exp(-(((hour - peak) / width) ** 2) / 2), 0);
}

const weights = new Map<DemandProfile, number[]>();

/** Relative use of each hour of the week, mean 1. */
export function weekOf(profile: DemandProfile): number[] {
  const known = weights.get(profile);
  if (known) return known;
  const { workday, saturday, sunday, floor } = RHYTHMS[profile];
  const raw = Array.from({ length: 168 }, (_, how) => {
    const day = Math.floor(how / 24);
    return floor + bumpsAt(day < 5 ? workday : day === 5 ? saturday : sunday, how % 24);
  });
  const mean = raw.reduce((a, b) => a + b) / raw.length;
  const week = raw.map((weight) => weight / mean);
  weights.set(profile, week);
  return week;
}

const YEAR_MS = 365.25 * DAY_MS;
const MID_JULY_MS = 196 * DAY_MS;

/** A crowd at an event: so many times as much as usual. */
export interface Surge {
  fromMs: number;
  toMs: number;
  crowd: number;
}
interface Day {
  luck: number;
  fromHour: number;
  toHour: number;
  crowd: number;
}

/** One day in ten has an event somewhere in a district. */
const EVENT_PER_DAY = 0.1;
const MOST_DAYS = 5_000;

/**
 * How much a day differs from the mean: the season, a lucky or a dull day, and crowds at an event.
 * @param factor how often there are events; 0 = never
 * @param onSurge told once of each event, when it is first looked at
 */
export function createSurges(
  seed: number,
  factor = 1,
  onSurge?: (areaId: string, surge: Surge) => void,
): (demand: ChamberDemand, atMs: number) => number {
  const areas = new Map<string, Map<number, Day>>();
  const dayOf = (areaId: string, day: number): Day => {
    let days = areas.get(areaId);
    if (!days || days.size > MOST_DAYS) areas.set(areaId, (days = new Map<number, Day>()));
    const known = days.get(day);
    if (known) return known;
    const made = drawDay(createRng(seedOf(seed, `day ${areaId} ${day}`)), factor);
    days.set(day, made);
    if (made.crowd > 1) {
      const [fromMs, toMs] = [made.fromHour, made.toHour].map((hour) => toUtcMs(day * DAY_MS + hour * HOUR_MS));
      onSurge?.(areaId, { fromMs: fromMs!, toMs: toMs!, crowd: made.crowd });
    }
    return made;
  };
  return ({ areaId, profile }, atMs) => {
    const localMs = toLocalMs(atMs);
    const day = Math.floor(localMs / DAY_MS);
    const { luck, fromHour, toHour, crowd } = dayOf(areaId, day);
    const hour = Math.floor((localMs % DAY_MS) / HOUR_MS);
    const season =
      1 + RHYTHMS[profile].season * Math.cos((2 * Math.PI * ((localMs % YEAR_MS) - MID_JULY_MS)) / YEAR_MS);
    const outside = profile !== 'airport' && profile !== 'home';
    return season * luck * (outside && hour >= fromHour && hour < toHour ? crowd : 1);
  };
}

function drawDay(rng: Rng, factor: number): Day {
  const fromHour = rng.int(9) + 10;
  const busy = rng.chance(EVENT_PER_DAY * factor);
  return {
    luck: rng.logNormal(1, 0.16),
    fromHour,
    toHour: Math.min(24, fromHour + 3 + rng.int(5)),
    crowd: busy ? rng.between(1.8, 4) : 1,
  };
}

/** Mean litres per millisecond that reach a chamber at a moment. */
export function ratePerMs(demand: ChamberDemand, atMs: number, surge: number): number {
  return (demand.volumeL / (demand.cycleDays * DAY_MS)) * weekOf(demand.profile)[hourOfWeek(atMs)]! * surge;
}
