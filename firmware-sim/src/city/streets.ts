import type { Area, LatLon } from '@ronde/contracts';
import type { Rng } from '../rng.ts';
import { AIRPORT } from './model.ts';

/** A piece of town: streets lie around its centre. */
export interface District extends Area {
  centre: LatLon;
  radiusM: number;
  character: 'centre' | 'homes' | 'station' | 'park' | 'airport';
}
export interface Street {
  name: string;
  districtId: string;
  from: LatLon;
  headingRad: number;
  lengthM: number;
  /** Streets that close for deliveries and shoppers. */
  pedestrian: boolean;
}

const M_PER_DEGREE = 111_320;

/** Moves a position by metres. */
export function moved({ lat, lon }: LatLon, eastM: number, northM: number): LatLon {
  const metresPerLon = M_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  return { lat: round6(lat + northM / M_PER_DEGREE), lon: round6(lon + eastM / metresPerLon) };
}

/** Straight distance, metres; exact enough within a city. */
export function distanceM(a: LatLon, b: LatLon): number {
  const eastM = (b.lon - a.lon) * M_PER_DEGREE * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(eastM, (b.lat - a.lat) * M_PER_DEGREE);
}

function round6(degrees: number): number {
  return Number(degrees.toFixed(6));
}

export const CENTRE: LatLon = { lat: 52.09, lon: 5.12 };

/** Gives the districts of the invented city. */
export function districts(): District[] {
  const at = (eastM: number, northM: number): LatLon => moved(CENTRE, eastM, northM);
  return [
    { id: 'centrum', name: 'Centrum', centre: at(0, 0), radiusM: 650, character: 'centre' },
    { id: 'stationsbuurt', name: 'Stationsbuurt', centre: at(-900, 250), radiusM: 420, character: 'station' },
    { id: 'noord', name: 'Noord', centre: at(150, 1_700), radiusM: 900, character: 'homes' },
    { id: 'oost', name: 'Oost', centre: at(1_750, 100), radiusM: 900, character: 'homes' },
    { id: 'zuid', name: 'Zuid', centre: at(-200, -1_750), radiusM: 950, character: 'homes' },
    { id: 'west', name: 'West', centre: at(-2_300, -300), radiusM: 900, character: 'homes' },
    { id: 'rondepark', name: 'Rondepark', centre: at(1_250, -1_450), radiusM: 520, character: 'park' },
    { id: AIRPORT, name: 'Luchthaven, terminal', centre: at(4_900, -3_300), radiusM: 160, character: 'airport' },
  ];
}

const STEMS = [
  'Linden',
  'Kastanje',
  'Zilver',
  'Haver',
  'Merel',
  'Kievit',
  'Molen',
  'Turf',
  'Wilgen',
  'Sluis',
  'Klaver',
  'Roggen',
  'Reiger',
  'Beuken',
  'Kalk',
  'Tuin',
  'Hazel',
  'Zwaluw',
  'Spoor',
  'Meent',
  'Akker',
  'Iepen',
  'Brem',
  'Vlier',
  'Gilde',
  'Waag',
  'Ketel',
  'Touw',
  'Schippers',
  'Nachtegaal',
  'Karper',
  'Otter',
  'Ponte',
  'Veer',
  'Duin',
  'Hof',
  'Jasmijn',
];
const TAILS: Record<District['character'], string[]> = {
  centre: ['straat', 'gracht', 'steeg', 'markt', 'plein'],
  station: ['straat', 'plein', 'laan'],
  homes: ['straat', 'laan', 'hof', 'weg', 'kade', 'plantsoen'],
  park: ['pad', 'laan', 'dreef'],
  airport: [],
};

/** Lays the streets of a district. */
export function layStreets(district: District, count: number, rng: Rng): Street[] {
  const names = new Set<string>();
  const tails = TAILS[district.character];
  while (names.size < count) names.add(`${rng.pick(STEMS)}${rng.pick(tails)}`);
  return [...names].map((name) => {
    const angle = rng.between(0, 2 * Math.PI);
    const outM = Math.sqrt(rng.next()) * district.radiusM * 0.8;
    return {
      name,
      districtId: district.id,
      from: moved(district.centre, outM * Math.cos(angle), outM * Math.sin(angle)),
      headingRad: rng.between(0, Math.PI),
      lengthM: rng.between(160, 420),
      pedestrian: district.character === 'centre' && rng.chance(0.45),
    };
  });
}

/** Gives a house number's place on a street; even and odd numbers stand on different sides. */
export function placeOn(street: Street, share: number, rng: Rng): { position: LatLon; number: number } {
  const alongM = share * street.lengthM;
  const sideM = rng.chance(0.5) ? 6 : -6;
  const eastM = alongM * Math.cos(street.headingRad) - sideM * Math.sin(street.headingRad);
  const northM = alongM * Math.sin(street.headingRad) + sideM * Math.cos(street.headingRad);
  const number = 1 + 2 * Math.floor(alongM / 8) + (sideM > 0 ? 1 : 0);
  return { position: moved(street.from, eastM, northM), number };
}
