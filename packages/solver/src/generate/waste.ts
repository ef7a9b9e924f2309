import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { connectedTo, createGrid, gridRoads } from './grid.ts';
import type { Place, Roads } from './grid.ts';

/** A stop of a made instance; the members are those of the Ronde JSON (docs/formats.md). */
export interface WasteStop {
  readonly id: string;
  readonly lat: number;
  readonly lon: number;
  readonly fraction: string;
  readonly kg: number;
  readonly kgSd: number;
  readonly serviceS: number;
  readonly timeWindow: readonly [number, number] | null;
  readonly required: boolean;
  readonly prizeM?: number;
}

/** A made instance, as its file. */
export interface WasteFile {
  readonly name: string;
  readonly licence: string;
  readonly attribution?: string;
  readonly seed: number;
  readonly units: Readonly<Record<string, string>>;
  readonly notes: string;
  readonly fractions: readonly string[];
  readonly overloadProbability: number;
  readonly vehicles: readonly { id: string; capacityKg: number; shiftS: number }[];
  readonly yard: Place;
  readonly dumps: readonly {
    index: number;
    lat: number;
    lon: number;
    serviceS: number;
    fractions: readonly string[];
    windows: readonly (readonly [number, number])[];
  }[];
  readonly stops: readonly WasteStop[];
  readonly durations: readonly (readonly number[])[];
  readonly distances: readonly (readonly number[])[];
}

/** Where the stops are, and how far apart: yard, two disposal sites, then the stops. */
export interface WasteMap {
  readonly places: readonly Place[];
  readonly roads: Roads;
  /** whose data it is; absent for a made town */
  readonly attribution?: string;
}

/** What to make. */
export interface WasteOptions {
  readonly seed: number;
  readonly stops: number;
  readonly map?: WasteMap;
}

interface Kind {
  readonly name: string;
  readonly share: number;
  /** kilograms at a stop: mean over stops, and the part of it that no forecast knows */
  readonly kg: number;
  readonly spread: number;
  /** dump that takes it */
  readonly dump: number;
}

const KINDS: readonly Kind[] = [
  { name: 'residual', share: 0.5, kg: 320, spread: 0.18, dump: 1 },
  { name: 'paper', share: 0.3, kg: 190, spread: 0.3, dump: 2 },
  { name: 'glass', share: 0.2, kg: 420, spread: 0.2, dump: 2 },
];

// What binds. Each was set so that lifting it alone lowers the cost of a good plan on every seed tried (see the README).
/** Part of the work of a plain plan that the shifts have room for. */
const SHIFT_ROOM = 0.62;
/** Trips that each truck would need to carry everything. */
const TRIPS = 3;
/** Hours of the sites, as parts of the shift: one closes early; one opens late, rests, and outlasts every shift. */
const HOURS: readonly (readonly (readonly [number, number])[])[] = [
  [[0.2, 0.5]],
  [
    [0.4, 0.6],
    [0.82, Infinity],
  ],
];
const DAY_S = 86_400;
/** How much dearer stops are left out whose site closes early, or which have a window. */
const DEAR = 1.6;
/** Parts of the stops, near the middle and elsewhere, that may only be served early. */
const EARLY_SHARE = { middle: 0.6, elsewhere: 0.15 };
const EARLY_UNTIL = 0.3;
/** Glass makes noise: not before this part of the shift. */
const GLASS_FROM = 0.3;
/** Chance of an overload that a trip may have, and what a full truck leaves room for, in deviations of one stop. */
const OVERLOAD = 0.05;
const CAUTION = 0.85;

const TIPPING_S = 540;

/** Draws a made town with room for the stops, its yard and two disposal sites at the edges. */
function drawTown(random: Random, stops: number): WasteMap {
  const side = Math.max(16, Math.ceil(Math.sqrt(stops * 6)));
  const grid = createGrid(random, side, side);
  const yard = 2 + side * 2;
  const free = new Set(connectedTo(grid, yard));
  free.delete(yard);
  const take = (near: number): number => {
    const distance = (i: number): number =>
      Math.abs((i % side) - (near % side)) + Math.abs(Math.floor(i / side) - Math.floor(near / side));
    const found = [...free].sort((x, y) => distance(x) - distance(y) || x - y)[0]!;
    free.delete(found);
    return found;
  };
  const sites = [take(side * side - 3), take(side * 2 - 3)];
  const left = [...free];
  const chosen = Array.from({ length: stops }, () => left.splice(random.int(left.length), 1)[0]!);
  const crossings = [yard, ...sites, ...chosen];
  return { places: crossings.map((i) => grid.places[i]!), roads: gridRoads(grid, crossings) };
}

interface Drawn {
  readonly kind: Kind;
  readonly kg: number;
  readonly kgSd: number;
  readonly serviceS: number;
  /** chance that it overflows before the next round */
  readonly risk: number;
  readonly early: number;
}

function drawStop(random: Random): Drawn {
  let share = random.float();
  const kind = KINDS.find((each) => (share -= each.share) < 0) ?? KINDS[0]!;
  const kg = Math.round(kind.kg * (0.45 + 1.1 * random.float()));
  const kgSd = Math.round(kg * kind.spread * (0.7 + 0.6 * random.float()));
  const risk = random.float() ** 0.8;
  return { kind, kg, kgSd, serviceS: 30 * (4 + random.int(8)), risk, early: random.float() };
}

/** Kilograms that a plain plan sets aside for a stop, so that trips of some stops are seldom overloaded. */
function plannedKg({ kg, kgSd }: Drawn): number {
  return Math.round(kg + CAUTION * kgSd);
}

/** Seconds that one truck would need for everything by going to the nearest stop next: a plain plan's work. */
function plainWork(drawn: readonly Drawn[], { durationS }: Roads, payload: number): number {
  const n = drawn.length + 3;
  let seconds = 0;
  for (const kind of KINDS) {
    let [at, aboard] = [0, 0];
    const open = drawn.map((_, i) => i).filter((i) => drawn[i]!.kind === kind);
    const tip = (): void => {
      seconds += durationS[at * n + kind.dump]! + TIPPING_S;
      [at, aboard] = [kind.dump, 0];
    };
    while (open.length > 0) {
      const near = open.reduce((x, y) => (durationS[at * n + y + 3]! < durationS[at * n + x + 3]! ? y : x));
      open.splice(open.indexOf(near), 1);
      if (aboard + plannedKg(drawn[near]!) > payload) tip();
      seconds += durationS[at * n + near + 3]! + drawn[near]!.serviceS;
      [at, aboard] = [near + 3, aboard + plannedKg(drawn[near]!)];
    }
    if (aboard > 0) tip();
    seconds += durationS[at * n]!;
  }
  return seconds;
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** Stops nearer to the middle of all than two thirds of them are. */
function middleOf(places: readonly Place[]): (index: number) => boolean {
  const stops = places.slice(3);
  const mean = (of: (place: Place) => number): number =>
    stops.reduce((sum, place) => sum + of(place), 0) / stops.length;
  const [lat, lon] = [mean((place) => place.lat), mean((place) => place.lon)];
  const far = stops.map((place) => (place.lat - lat) ** 2 + ((place.lon - lon) * Math.cos((lat * Math.PI) / 180)) ** 2);
  const bound = [...far].sort((x, y) => x - y)[Math.floor(far.length / 3)] ?? 0;
  return (index) => far[index]! < bound;
}

function windowOf(stop: Drawn, middle: boolean, shiftS: number): readonly [number, number] | null {
  if (stop.kind.name === 'glass') return [roundTo(GLASS_FROM * shiftS, 300), DAY_S];
  const share = middle ? EARLY_SHARE.middle : EARLY_SHARE.elsewhere;
  return stop.early < share ? [0, roundTo(EARLY_UNTIL * shiftS, 300)] : null;
}

function rows(matrix: Int32Array, n: number): number[][] {
  return Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n)]);
}

const NOTES =
  'index 0 = yard (start and end of every vehicle, no dump), 1 and 2 = dumps, 2+i = stop i (from 1). A vehicle carries one ' +
  'fraction, or several that one dump takes, between two tippings, and comes back empty by shiftS. ' +
  'timeWindow is for the start of service, windows of a dump for the start of tipping; waiting is allowed. Loads ' +
  'are normal with mean kg and deviation kgSd, and a trip may exceed capacityKg with overloadProbability. ' +
  'A stop with required=false may be skipped at prizeM.';

/**
 * Makes a waste instance in which windows, shifts, payloads and tip hours all bind: the same seed, number of stops and map
 * give the same bytes, whatever the solver does.
 */
export function generateWaste({ seed, stops, map }: WasteOptions): WasteFile {
  const random = createRandom(seed);
  const { places, roads, attribution } = map ?? drawTown(random, stops);
  const drawn = Array.from({ length: stops }, () => drawStop(random));
  const fleet = Math.max(2, Math.round(stops / 18));
  const total = drawn.reduce((sum, stop) => sum + plannedKg(stop), 0);
  const heaviest = Math.max(...drawn.map(plannedKg));
  const large = Math.max(roundTo((1.2 * total) / fleet / TRIPS, 50), roundTo(heaviest * 2, 50));
  const shiftS = roundTo((SHIFT_ROOM * plainWork(drawn, roads, large)) / fleet, 300);
  const inMiddle = middleOf(places);
  const n = places.length;
  return {
    name: `waste-${map ? 'roads' : 'made'}-${stops}-${seed}`,
    licence: attribution ? 'ODbL 1.0' : 'CC0 1.0',
    ...(attribution ? { attribution } : {}),
    seed,
    units: { duration: 's', distance: 'm', load: 'kg', cost: 'm (driven distance) + sum of prizeM of skipped stops' },
    notes: NOTES,
    fractions: KINDS.map((kind) => kind.name),
    overloadProbability: OVERLOAD,
    vehicles: Array.from({ length: fleet }, (_, i) => ({
      id: `v${i + 1}`,
      capacityKg: i % 3 === 2 ? roundTo(0.6 * large, 50) : large,
      shiftS,
    })),
    yard: places[0]!,
    dumps: HOURS.map((hours, i) => ({
      ...{ index: i + 1, ...places[i + 1]!, serviceS: TIPPING_S },
      fractions: KINDS.filter((kind) => kind.dump === i + 1).map((kind) => kind.name),
      windows: hours.map(
        ([open, close]) => [roundTo(open * shiftS, 300), Math.min(DAY_S, roundTo(close * shiftS, 300))] as const,
      ),
    })),
    stops: drawn.map((stop, i) => {
      const required = stop.risk > 0.93;
      const timeWindow = windowOf(stop, inMiddle(i), shiftS);
      // what rules keep trucks from is dear, so that they would go there if they could
      const worth = (stop.kind.dump === 1 ? DEAR : 1) * (timeWindow ? DEAR : 1);
      return {
        ...{ id: `s${i + 1}`, ...places[i + 3]!, fraction: stop.kind.name },
        ...{ kg: stop.kg, kgSd: stop.kgSd, serviceS: stop.serviceS },
        timeWindow,
        required,
        ...(required ? {} : { prizeM: roundTo(worth * (1_000 + 5_000 * stop.risk), 10) }),
      };
    }),
    durations: rows(roads.durationS, n),
    distances: rows(roads.distanceM, n),
  };
}

/** Writes the file: a member a line, and a line for each vehicle, dump, stop and row of a matrix. */
export function writeWaste(file: WasteFile): string {
  const members = Object.entries(file).map(([key, value]) => {
    if (!Array.isArray(value) || typeof value[0] !== 'object')
      return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    return `  ${JSON.stringify(key)}: [\n${value.map((each) => `    ${JSON.stringify(each)}`).join(',\n')}\n  ]`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
