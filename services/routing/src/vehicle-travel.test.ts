import { expect, test, vi } from 'vitest';
import { Vehicle, type Round, type RoundLine } from '@ronde/contracts';
import { openFixture, START_MS } from './fixtures.ts';
import { closuresDuring, travelOptionsOf } from './vehicle-travel.ts';

const TRUCK = Vehicle.parse({
  id: 'truck',
  name: 'Truck',
  depotId: 'depot',
  fractions: ['residual'],
  liftTypes: ['hand'],
  capacityKg: 9000,
  shifts: [{ days: [1], from: '07:00', to: '15:00' }],
  dimensions: { heightM: 3.6 },
  kerbside: true,
});
const CLOSURE = {
  id: 'works',
  name: 'Works',
  geometry: {
    type: 'Polygon' as const,
    coordinates: [
      [
        [5, 52],
        [5.1, 52],
        [5.1, 52.1],
        [5, 52],
      ],
    ] as [[number, number][]],
  },
  from: new Date(START_MS).toISOString(),
  to: new Date(START_MS + 3_600_000).toISOString(),
};

test('a vehicle travels with its measures, at the local hour, round what is closed', () => {
  // a Sunday in summer: 05:40 UTC is 07:40 in Amsterdam
  const atMs = Date.parse('2026-07-05T05:40:00Z');
  expect(travelOptionsOf(TRUCK, { atMs, timeZone: 'Europe/Amsterdam', closures: [CLOSURE] })).toEqual({
    speedKmh: 28,
    profile: undefined,
    dimensions: { heightM: 3.6 },
    approach: 'kerb',
    at: { weekday: 7, minute: 7 * 60 + 30 },
    closures: [{ geometry: CLOSURE.geometry }],
  });
});

test('a round is drawn leg by leg, home included, for who may see it', async () => {
  const { http, registry, tenant } = await openFixture([0.97, 0.9, 0.8, 0.2]);
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  const round = await vi.waitFor(async () => {
    const { items } = (await http.inject({ url: '/v1/rounds', headers: as('operator-token') })).json() as {
      items: Round[];
    };
    expect(items).not.toHaveLength(0);
    return items[0]!;
  }, 10_000);
  const url = `/v1/rounds/${round.id}/line`;
  const line = (await http.inject({ url, headers: as('crew-token') })).json() as RoundLine;
  expect(line.legs.map(({ stopId }) => stopId)).toEqual([...round.stops.map(({ id }) => id), null]);
  // straight lines are nobody's map
  expect(line).not.toHaveProperty('credit');
  const last = round.stops.at(-1)!;
  expect(line.legs.at(-1)!.line.coordinates[0]).toEqual([last.lon, last.lat]);
  expect((await http.inject({ url, headers: as('other-crew-token') })).statusCode).toBe(404);
  // a crew that serves the last one first: the same version in another order, and so other streets
  const deviceAt = new Date(START_MS + 60_000).toISOString();
  const event = { id: 'e1', roundId: round.id, roundVersion: 1, stopId: last.id, kind: 'emptied', deviceAt };
  await http.inject({ method: 'POST', url: '/v1/crew-events', headers: as('crew-token'), payload: event });
  const next = (await http.inject({ url, headers: as('crew-token') })).json() as RoundLine;
  expect(next.legs[0]!.stopId).toBe(last.id);
  await registry.roadClosures.put(tenant, CLOSURE);
  const during = (startMs: number) => closuresDuring(registry, tenant, { startMs, endMs: startMs + 60_000 });
  expect(await during(START_MS + 1000)).toHaveLength(1);
  expect(await during(START_MS + 7_200_000)).toEqual([]);
});
