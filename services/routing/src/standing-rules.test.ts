import { expect, test } from 'vitest';
import type { AssetInput, Round, Vehicle } from '@ronde/contracts';
import { loadQuantile, normalQuantile } from '@ronde/solver';
import { asset, VEHICLE } from './fixtures.ts';
import { loadOf } from './loads.ts';
import { openPlannerFixture, planned } from './plan-fixture.ts';

const pair = (more: [Partial<Vehicle>, Partial<Vehicle>] = [{}, {}]): Vehicle[] =>
  more.map((own, index) => ({ ...VEHICLE, id: `truck-${index}`, crewId: `crew-${index}`, capacityKg: 5_000, ...own }));
const roundOf = (rounds: Round[], vehicleId: string): Round | undefined =>
  rounds.find((round) => round.vehicleId === vehicleId);
const servedBy = (rounds: Round[], assetId: string): string | undefined =>
  rounds.find(({ stops }) => stops.some(({ assetIds }) => assetIds.includes(assetId)))?.vehicleId;

test('the rounds that crews know are what the next plan is dear to depart from, in their order and without what is done', async () => {
  const fixture = await openPlannerFixture(
    Array.from({ length: 16 }, (_, index) => 0.97 - index / 100),
    { vehicles: pair() },
  );
  expect((await planned(fixture)).problem.previous).toBeUndefined();
  const [round] = fixture.rounds.open();
  const done = round!.stops.map((stop, index) => (index === 0 ? { ...stop, status: 'done' as const } : stop));
  await fixture.rounds.save([{ round: { ...round!, status: 'active', stops: done } }]);
  const { problem } = await planned(fixture);
  expect(problem.previous).toMatchObject({ movedCost: 100, orderCost: 20 });
  const named = problem.previous!.rounds.flatMap(({ stops }) => stops);
  expect(new Set(named).size).toBe(named.length);
  expect(named.length).toBeGreaterThan(0);
});

test('a stop whose gain is small stays with the crew that has it; where moving costs nothing it goes', async () => {
  const vehicles = pair([{}, { shifts: [{ from: '07:00', to: '15:00' }] }]);
  const moved = async (COST_MOVED_EUR: number): Promise<boolean> => {
    const fixture = await openPlannerFixture([0.95, 0.95, 0.95, 0.95], {
      vehicles,
      config: { COST_MOVED_EUR, COST_TURNED_EUR: 0 },
    });
    const { rounds } = await planned(fixture);
    const from = servedBy(rounds, 'bin-0')!;
    const to = from === 'truck-0' ? 'truck-1' : 'truck-0';
    // both rounds are published; the plan before gave every stop to one vehicle, now the other is to be as good
    await fixture.registry.vehicles.put(fixture.tenant, { ...vehicles.find(({ id }) => id === from)!, speedKmh: 25 });
    const again = await planned(fixture);
    return servedBy(again.rounds, 'bin-0') === to;
  };
  expect([await moved(50), await moved(0)]).toEqual([false, true]);
});

test('a crew that emptied a place often goes there again; elsewhere it is all the same to crews', async () => {
  const fixture = await openPlannerFixture([0.95, 0.95], { vehicles: pair(), config: { COST_UNFAMILIAR_EUR: 30 } });
  const served = { planId: 'p', version: 1, leftOut: [], distanceM: 0, durationS: 0, status: 'active' as const };
  const at = fixture.clock.iso();
  const stops: Round['stops'] = [
    {
      id: 's1',
      seq: 1,
      kind: 'asset',
      assetIds: ['bin-1'],
      lat: 52,
      lon: 5,
      eta: at,
      reason: 'r',
      status: 'done',
      endedAt: at,
    },
  ];
  const round: Round = { ...served, id: 'r', vehicleId: 'truck-1', crewId: 'crew-1', startsAt: at, endsAt: at, stops };
  for (let visit = 0; visit < 2; visit++) {
    expect(fixture.learnings.familiarTo('bin-1', fixture.clock.nowMs())).toEqual([]);
    await fixture.learnings.done(round, 's1', [asset(1)]);
  }
  expect(fixture.learnings.familiarTo('bin-1', fixture.clock.nowMs())).toEqual(['crew-1']);
  expect(fixture.learnings.familiarTo('bin-1', fixture.clock.nowMs() + 200 * 86_400_000)).toEqual([]);
  const { problem, rounds } = await planned(fixture);
  expect(problem.stops.map(({ familiarTo }) => familiarTo).filter(Boolean)).toEqual([[1]]);
  expect(problem.vehicles.map(({ unfamiliarCost }) => unfamiliarCost)).toEqual([3_000, 3_000]);
  expect(servedBy(rounds, 'bin-1')).toBe('truck-1');
});

test('a vehicle with home areas leaves them only where that pays', async () => {
  const assets = [0, 1].map((index): AssetInput => ({ ...asset(index), areaId: index === 0 ? 'north' : 'south' }));
  const vehicles = pair([{ homeAreaIds: ['north'] }, { homeAreaIds: ['south'] }]);
  const fixture = await openPlannerFixture([0.97, 0.97], { assets, vehicles, config: { COST_AWAY_EUR: 100 } });
  const { problem, rounds } = await planned(fixture);
  expect(problem.stops.map(({ visitCosts }) => visitCosts)).toContainEqual([0, 10_000]);
  expect([servedBy(rounds, 'bin-0'), servedBy(rounds, 'bin-1')]).toEqual(['truck-0', 'truck-1']);
});

test('loads spread as the forecast and the density do, and no trip is planned to be overloaded too often', async () => {
  const fills = Array.from({ length: 12 }, () => 0.95);
  const sure = loadOf(asset(0), [{ chamber: '1', fill: 0.9 }], 'residual');
  const unsure = loadOf(asset(0), [{ chamber: '1', fill: 0.9, sd: 0.1 }], 'residual');
  expect(sure.kg).toBeCloseTo(99);
  expect(Math.sqrt(sure.varKg2) / sure.kg).toBeCloseTo(0.25);
  expect(unsure.varKg2).toBeGreaterThan(sure.varKg2);
  const fixture = await openPlannerFixture(fills, { vehicles: [{ ...VEHICLE, capacityKg: 600 }] });
  const trips = async (overloadChance: number): Promise<{ mean: number; variance: number }[]> => {
    await fixture.registry.vehicles.put(fixture.tenant, { ...VEHICLE, capacityKg: 600, overloadChance });
    const { problem, solution } = await planned(fixture);
    expect(problem.vehicles[0]!.overloadChance).toBe(overloadChance || undefined);
    const found = [{ mean: 0, variance: 0 }];
    for (const { kind, index } of solution.routes[0]!.visits) {
      const trip = found.at(-1)!;
      if (kind === 'disposal') found.push({ mean: 0, variance: 0 });
      else trip.mean += problem.stops[index]!.load![0]!;
      if (kind === 'stop') trip.variance += problem.stops[index]!.loadVariance?.[0] ?? 0;
    }
    return found.filter(({ mean }) => mean > 0);
  };
  for (const { mean, variance } of await trips(0.02)) {
    expect(variance).toBeGreaterThan(0);
    expect(loadQuantile(mean, variance, normalQuantile(0.98))).toBeLessThanOrEqual(600);
  }
  const certain = await trips(0);
  expect(certain.every(({ variance }) => variance === 0)).toBe(true);
  expect(Math.max(...certain.map(({ mean }) => mean))).toBeGreaterThan(
    Math.max(...(await trips(0.02)).map(({ mean }) => mean)),
  );
});

test('a bin that may be too much for a whole vehicle is served all the same', async () => {
  const fixture = await openPlannerFixture([1], { vehicles: [{ ...VEHICLE, capacityKg: 112, overloadChance: 0.01 }] });
  const { rounds } = await planned(fixture);
  expect(roundOf(rounds, 'truck-1')?.stops.some(({ assetIds }) => assetIds.includes('bin-0'))).toBe(true);
});
