import { expect, test } from 'vitest';
import { Calendar, type Vehicle } from '@ronde/contracts';
import { createFakeClock } from '@ronde/kit';
import type { Snap, TravelOptions } from '@ronde/travel';
import { asset, openFixture, START_MS, VEHICLE } from './fixtures.ts';
import type { Fleet } from './fleet.ts';
import { createRoadReach } from './road-reach.ts';

const SMALL: Vehicle = { ...VEHICLE, id: 'small', dimensions: { weightT: 3.5 } };

function fleetOf(assets: number, vehicles: Vehicle[]): Fleet {
  return {
    assets: Array.from({ length: assets }, (_, index) => asset(index)),
    vehicles,
    depots: new Map([['yard', { id: 'yard', name: 'Yard', position: { lat: 52, lon: 5 } }]]),
    sites: [],
    closures: [],
    calendar: Calendar.parse({ id: 'c' }),
  };
}

/** A back-end that snaps by a rule; its matrices are not looked at. */
function travelThat(snapOf: (latitude: number, options: TravelOptions) => Snap | undefined) {
  const asked: TravelOptions[] = [];
  return {
    asked,
    matrix: (positions: { lat: number }[], options: TravelOptions) => {
      asked.push(options);
      const snaps = positions.map(({ lat }) => snapOf(lat, options)).filter((snap) => snap !== undefined);
      const n = positions.length;
      const empty = new Int32Array(n * n);
      return Promise.resolve({ n, distanceM: empty, durationS: empty, ...(snaps.length > 0 && { snaps }) });
    },
  };
}
const ROAD: Snap = { distanceM: 4, state: 'road' };

test('a place is off the road only when no vehicle that may serve it gets there, and the worst come first', async () => {
  const travel = travelThat((latitude, { dimensions }) => {
    const lat = Math.round(latitude * 1000) / 1000;
    if (lat === 52.08) return dimensions ? ROAD : { distanceM: 60, state: 'cut-off' };
    if (lat === 52.085) return { distanceM: 140, state: 'far' };
    return lat === 52.09 ? { distanceM: -1, state: 'off-map' } : ROAD;
  });
  const fleet = fleetOf(40, [VEHICLE, SMALL]);
  const reach = createRoadReach({ travel, clock: createFakeClock(), fleet: () => Promise.resolve(fleet) });
  const report = await reach.report();
  expect(report).toMatchObject({ hasRoads: true, checked: 41 });
  expect(report.offRoad.map(({ id, state }) => `${id} ${state}`)).toEqual([
    ...['bin-10', 'bin-11', 'bin-8', 'bin-9'].map((id) => `${id} off-map`),
    ...['bin-4', 'bin-5', 'bin-6', 'bin-7'].map((id) => `${id} far`),
  ]);
  expect(report.offRoad[0]).toMatchObject({ distanceM: null, vehicleIds: ['truck-1', 'small'] });
  expect(travel.asked.some(({ at }) => at?.minute === 390)).toBe(true);
});

test('what was found is kept until a place changes, and a fault is not kept', async () => {
  let fault: Error | undefined = new Error('away');
  const travel = travelThat(() => ROAD);
  const fleet = fleetOf(1, [VEHICLE]);
  const reach = createRoadReach({
    travel: { matrix: (positions, options) => (fault ? Promise.reject(fault) : travel.matrix(positions, options)) },
    clock: createFakeClock(),
    fleet: () => Promise.resolve(fleet),
  });
  await expect(reach.report()).rejects.toThrow('away');
  fault = undefined;
  expect((await reach.report()).offRoad).toEqual([]);
  const calls = travel.asked.length;
  await reach.report();
  expect(travel.asked.length).toBe(calls);
  reach.forget();
  await reach.report();
  expect(travel.asked.length).toBeGreaterThan(calls);
});

test('over HTTP a city on straight lines has nothing to tell, and a crew may not ask', async () => {
  const { http } = await openFixture([0.5]);
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  const answer = await http.inject({ url: '/v1/road-reach', headers: as('operator-token') });
  expect(answer.json()).toMatchObject({ hasRoads: false, checked: 0, offRoad: [] });
  expect(Date.parse(answer.json().at)).toBeGreaterThanOrEqual(START_MS);
  expect((await http.inject({ url: '/v1/road-reach', headers: as('crew-token') })).statusCode).toBe(403);
});
