import type { Calendar, Crew, Depot, DisposalSite, Vehicle } from '@ronde/contracts';
import { DAY_MS, MINUTE_MS } from '../clock.ts';
import { toLocalMs } from '../fill/local-time.ts';
import { AIRPORT } from './model.ts';
import { CENTRE, moved, type District } from './streets.ts';

const DAY = { from: '06:00', to: '14:00' };
const EVENING = { from: '14:00', to: '22:00' };
const NIGHT = { from: '22:00', to: '06:00' };
/** One fraction's opening while the gates are staffed. */
const STAFFED = [
  { from: '07:00', to: '17:00', days: [1, 2, 3, 4, 5] },
  { from: '08:00', to: '16:00', days: [6] },
];

export interface FleetPart {
  depots: Depot[];
  disposalSites: DisposalSite[];
  vehicles: Vehicle[];
  crews: Crew[];
  calendar: Calendar;
}

/** Gives depots, sites, vehicles and crews: at every hour at least two vehicles are on shift. */
export function createFleet(areas: District[]): FleetPart {
  const town = areas.map(({ id }) => id).filter((id) => id !== AIRPORT);
  const airport = areas.find(({ id }) => id === AIRPORT)!.centre;
  return {
    depots: [
      { id: 'werf-west', name: 'Werf West', position: moved(CENTRE, -2_900, 900) },
      { id: 'werf-luchthaven', name: 'Werf Luchthaven', position: moved(airport, -350, 220) },
    ],
    disposalSites: [
      {
        id: 'overslag-noord',
        name: 'Overslag Noord (restafval, dag en nacht)',
        position: moved(CENTRE, -1_500, 2_900),
        fractions: ['residual', 'litter'],
        tippingTimeS: 720,
      },
      {
        id: 'recycling-zuid',
        name: 'Recyclinghal Zuid (dag en nacht)',
        position: moved(CENTRE, -1_700, -2_900),
        fractions: ['paper', 'plastic', 'glass'],
        tippingTimeS: 780,
      },
      {
        id: 'glasbank-oost',
        name: 'Glasdepot Oost',
        position: moved(CENTRE, 3_000, 700),
        fractions: ['glass'],
        openingHours: STAFFED,
        tippingTimeS: 600,
      },
      {
        id: 'milieustraat-west',
        name: 'Milieustraat West',
        position: moved(CENTRE, -3_200, -700),
        fractions: ['residual', 'litter', 'paper', 'plastic'],
        openingHours: STAFFED,
        tippingTimeS: 660,
      },
      {
        id: 'perron-luchthaven',
        name: 'Afvalperron Luchthaven (dag en nacht)',
        position: moved(airport, -120, 160),
        fractions: ['residual', 'litter', 'paper', 'plastic'],
        tippingTimeS: 420,
      },
    ],
    vehicles: [
      {
        id: 'wagen-1',
        name: 'Wagen 1, restafval en afvalbakken',
        depotId: 'werf-west',
        crewId: 'ploeg-1',
        fractions: ['residual', 'litter'],
        liftTypes: ['hand', 'rear-loader', 'two-hook'],
        capacityKg: 9_500,
        capacityL: 22_000,
        shifts: [DAY, EVENING, NIGHT],
        areaIds: town,
        speedKmh: 28,
        available: true,
      },
      {
        id: 'wagen-2',
        name: 'Wagen 2, papier en plastic',
        depotId: 'werf-west',
        crewId: 'ploeg-2',
        fractions: ['paper', 'plastic'],
        liftTypes: ['rear-loader', 'two-hook'],
        capacityKg: 7_500,
        capacityL: 24_000,
        shifts: [DAY, NIGHT],
        areaIds: town,
        speedKmh: 28,
        available: true,
      },
      // no glass at night: the noise
      {
        id: 'wagen-3',
        name: 'Wagen 3, glas',
        depotId: 'werf-west',
        crewId: 'ploeg-3',
        fractions: ['glass'],
        liftTypes: ['one-hook', 'mushroom'],
        capacityKg: 11_000,
        capacityL: 18_000,
        shifts: [DAY, EVENING],
        areaIds: town,
        speedKmh: 28,
        available: true,
      },
      {
        id: 'wagen-4',
        name: 'Wagen 4, luchthaven',
        depotId: 'werf-luchthaven',
        crewId: 'ploeg-4',
        fractions: ['residual', 'litter', 'paper', 'plastic'],
        liftTypes: ['hand'],
        capacityKg: 900,
        capacityL: 4_000,
        shifts: [DAY, EVENING, NIGHT],
        areaIds: [AIRPORT],
        speedKmh: 12,
        available: true,
      },
    ],
    crews: [1, 2, 3, 4].map((number) => ({ id: `ploeg-${number}`, name: `Ploeg ${number}` })),
    calendar: {
      id: 'rondestad',
      timeZone: 'Europe/Amsterdam',
      planCron: '45 5,13,21 * * *',
      serviceDays: [1, 2, 3, 4, 5, 6, 7],
      holidays: [],
    },
  };
}

/** Gives the vehicles whose shift is open at a moment; shifts here are every day. */
export function vehiclesOnShift(vehicles: Vehicle[], atMs: number): Vehicle[] {
  const minute = Math.floor((toLocalMs(atMs) % DAY_MS) / MINUTE_MS);
  return vehicles.filter(({ shifts }) =>
    shifts.some(({ from, to }) => {
      const [start, end] = [minutesOf(from), minutesOf(to)];
      return start < end ? minute >= start && minute < end : minute >= start || minute < end;
    }),
  );
}

function minutesOf(clockTime: string): number {
  const [hours, minutes] = clockTime.split(':').map(Number);
  return hours! * 60 + minutes!;
}
