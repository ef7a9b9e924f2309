import { expect, test } from 'vitest';
import type { Round, Vehicle } from '@ronde/contracts';
import { asset, openFixture, VEHICLE } from './fixtures.ts';
import { createMoves } from './moves.ts';
import { openPlannerFixture, progress } from './plan-fixture.ts';
import { splitRound } from './committed.ts';

const FILLS = Array.from({ length: 48 }, (_, index) => 0.97 - index * 0.004);
const VEHICLES: Vehicle[] = [
  { ...VEHICLE, capacityKg: 6_000 },
  { ...VEHICLE, id: 'truck-2', name: 'Truck 2', crewId: 'crew-2', capacityKg: 6_000 },
];

/** Two rounds under way, so small that both vehicles are needed. */
async function twoRounds() {
  const fixture = await openPlannerFixture(FILLS, {
    vehicles: VEHICLES.map((vehicle) => ({ ...vehicle, shifts: [{ from: '06:30', to: '09:00' }] })),
  });
  const { plan, rounds, clock } = fixture;
  await plan();
  const [a, b] = rounds.open() as [Round, Round];
  for (const round of [a, b])
    await rounds.save([{ round: progress(round, { [round.stops[0]!.id]: 'done' }, { endedAt: clock.iso() }) }]);
  const moves = createMoves(fixture);
  const now = (id: string): Round => rounds.open().find((round) => round.id === id)!;
  return { ...fixture, moves, a: now(a.id), b: now(b.id), now };
}
const assetsOf = (round: Round): string[] => round.stops.flatMap(({ assetIds }) => assetIds);
const openAssets = (round: Round) => splitRound(round).open.filter(({ kind }) => kind === 'asset');

test('a move between rounds is priced without changing anything, then committed with a sentence for both crews', async () => {
  const { moves, a, b, now, registry, tenant } = await twoRounds();
  const [stop, target] = [openAssets(a).at(-1)!, openAssets(b)[0]!];
  const move = { roundId: a.id, stopId: stop.id, toRoundId: b.id, behindStopId: target.id, force: true };
  const { quote } = await moves.quote(move);
  expect(quote.obstacles.filter(({ hard }) => hard)).toEqual([]);
  expect([now(a.id), now(b.id)]).toEqual([a, b]);
  const [from, to] = await moves.commit(move, () => undefined);
  const bin = stop.assetIds[0]!;
  expect(assetsOf(from!)).not.toContain(bin);
  const order = to!.stops.map(({ assetIds }) => assetIds[0]);
  expect(order[order.indexOf(target.assetIds[0]) + 1]).toBe(bin);
  expect(from!.distanceM + to!.distanceM - a.distanceM - b.distanceM).toBe(quote.distanceM);
  const told = await registry.roundVersions.all(tenant, { roundId: b.id });
  expect(told.at(-1)!.changes.map(({ kind, text }) => `${kind}: ${text}`)).toContainEqual(
    expect.stringMatching(/^added: Bin \d+ taken over from Truck/),
  );
  expect(await registry.stopLearnings.get(tenant, bin)).toMatchObject({ moves: [{ toVehicleId: b.vehicleId }] });
});

test('a move that is taken back leaves the rounds as they were, unpinned, and nothing is learned', async () => {
  const { moves, a, b, now, registry, tenant } = await twoRounds();
  const [stop, target] = [openAssets(a).at(-1)!, openAssets(b)[0]!];
  const before = a.stops[a.stops.indexOf(stop) - 1]!;
  const move = { roundId: a.id, stopId: stop.id, toRoundId: b.id, behindStopId: target.id, force: true };
  const [, to] = await moves.commit(move, () => undefined);
  const there = to!.stops.find(({ assetIds }) => assetIds[0] === stop.assetIds[0])!;
  expect(there.pinned).toBeDefined();
  const back = { roundId: b.id, stopId: there.id, toRoundId: a.id, behindStopId: before.id, undo: true, force: true };
  await moves.commit(back, () => undefined);
  expect([a, b].map(({ id }) => assetsOf(now(id)))).toEqual([a, b].map(assetsOf));
  expect(now(a.id).stops.find(({ assetIds }) => assetIds[0] === stop.assetIds[0])).not.toHaveProperty('pinned');
  expect(await registry.stopLearnings.get(tenant, stop.assetIds[0]!)).toMatchObject({ moves: [] });
});

test('later plans keep a moved stop with its vehicle and behind the stop it was put behind', async () => {
  const { moves, a, b, now, plan, level } = await twoRounds();
  const [stop, target] = [openAssets(a)[0]!, openAssets(b)[0]!];
  await moves.commit(
    { roundId: a.id, stopId: stop.id, toRoundId: b.id, behindStopId: target.id, force: true },
    () => undefined,
  );
  for (const [bin, fill] of [
    ['bin-3', 1],
    ['bin-8', 0.2],
    ['bin-11', 1],
  ] as const) {
    level.set(bin, fill);
    expect((await plan(3)).status).toBe('done');
    const order = now(b.id)
      .stops.filter(({ kind }) => kind === 'asset')
      .map(({ assetIds }) => assetIds[0]);
    expect(order).toContain(stop.assetIds[0]);
    if (order.includes(target.assetIds[0])) expect(order[order.indexOf(target.assetIds[0]) + 1]).toBe(stop.assetIds[0]);
  }
});

test('a stop that a crew is about to come to, and a vehicle that cannot, are hard obstacles; overtime can be forced', async () => {
  const { moves, a, b, registry, tenant } = await twoRounds();
  const [committed] = splitRound(a).committed;
  const first = { roundId: a.id, stopId: committed!.id, toRoundId: b.id };
  expect((await moves.quote(first)).quote.obstacles).toMatchObject([{ code: 'committed', hard: true }]);
  await expect(moves.commit({ ...first, force: true }, () => undefined)).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
  });
  const stop = openAssets(a)[0]!;
  await registry.vehicles.put(tenant, {
    ...VEHICLES[1]!,
    id: b.vehicleId,
    fractions: ['glass'],
    shifts: [{ from: '06:30', to: '09:00' }],
  });
  const toB = { roundId: a.id, stopId: stop.id, toRoundId: b.id, force: true };
  expect((await moves.quote(toB)).quote.obstacles.map(({ code }) => code)).toContain('vehicle-does-not-fit');
  await expect(moves.commit(toB, () => undefined)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  // the shift ends while the rounds wait: said as an obstacle, without a price
  await registry.vehicles.put(tenant, { ...VEHICLES[0]!, id: a.vehicleId, available: false });
  expect((await moves.quote(toB)).quote).toMatchObject({
    feasible: false,
    obstacles: [{ code: 'shift-over', hard: true }],
  });
  await registry.vehicles.put(tenant, {
    ...VEHICLES[0]!,
    id: a.vehicleId,
    shifts: [{ from: '06:30', to: '09:00' }],
  });
  const within = { roundId: a.id, stopId: openAssets(a).at(-1)!.id, behindStopId: null };
  expect((await moves.quote(within)).quote.rounds.map(({ roundId }) => roundId)).toEqual([a.id]);
  await expect(moves.quote({ roundId: a.id, stopId: 'nowhere' })).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
});

test('a stop that the crew does not know is an obstacle for a vehicle that may serve no more of those, and can be forced', async () => {
  const { moves, a, b, now, plan, registry, tenant, learnings } = await twoRounds();
  const stop = openAssets(a).at(-1)!;
  const bin = asset(Number(stop.assetIds[0]!.slice('bin-'.length)));
  const toB = { roundId: a.id, stopId: stop.id, toRoundId: b.id, behindStopId: openAssets(b)[0]!.id };
  const strange = async () =>
    (await moves.quote(toB)).quote.obstacles.filter(({ text }) => text.includes('its crew may not know'));
  const target = (await registry.vehicles.get(tenant, b.vehicleId))!;
  await registry.vehicles.put(tenant, { ...target, maxUnfamiliarStops: 0 });
  // nobody knows the place: everybody is as good
  expect(await strange()).toEqual([]);
  const past = { ...a, id: 'past', stops: [{ ...stop, status: 'done' as const, endedAt: a.startsAt }] };
  for (let visit = 0; visit < 2; visit++) await learnings.done(past, stop.id, [bin]);
  expect(await strange()).toMatchObject([{ code: 'vehicle-does-not-fit', hard: false, vehicle: target.name }]);
  const [, to] = await moves.commit({ ...toB, force: true }, () => undefined);
  expect(assetsOf(to!)).toContain(bin.id);
  await plan(3);
  expect(assetsOf(now(b.id))).toContain(bin.id);
});

test('over HTTP the price has a tag, the move wants it, and a round that changed meanwhile refuses it', async () => {
  const { http, registry, tenant } = await openFixture([0.97, 0.93, 0.9, 0.88, 0.86, 0.84, 0.82]);
  const round = await expect
    .poll(async () => (await registry.rounds.all(tenant))[0], { timeout: 20_000 })
    .toBeDefined()
    .then(async () => (await registry.rounds.all(tenant))[0]!);
  const headers = { authorization: 'Bearer operator-token' };
  const stops = round.stops.filter(({ kind }) => kind === 'asset');
  const payload = { roundId: round.id, stopId: stops[0]!.id, behindStopId: stops.at(-1)!.id };
  const post = (url: string, more: Record<string, string> = {}) =>
    http.inject({ method: 'POST', url, headers: { ...headers, ...more }, payload });
  const priced = await post('/v1/stop-moves/quotes');
  expect(priced.statusCode).toBe(200);
  expect(priced.json()).toMatchObject({ feasible: true, costEur: expect.any(Number) });
  const tag = String(priced.headers['etag']);
  expect((await post('/v1/stop-moves')).statusCode).toBe(400);
  const moved = await post('/v1/stop-moves', { 'if-match': tag });
  expect(moved.statusCode).toBe(200);
  expect(moved.json().rounds[0].version).toBe(round.version + 1);
  expect((await post('/v1/stop-moves', { 'if-match': tag })).statusCode).toBe(412);
  expect((await http.inject({ method: 'POST', url: '/v1/stop-moves/quotes', payload })).statusCode).toBe(401);
});
