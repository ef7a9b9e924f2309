import { expect, test } from 'vitest';
import type { LoadPart, Round, Vehicle } from '@ronde/contracts';
import { VEHICLE } from './fixtures.ts';
import { openPlannerFixture, progress } from './plan-fixture.ts';
import { createRoundStore } from './round-store.ts';
import { createStrandedLoads } from './stranded-loads.ts';

const TRUCKS: Vehicle[] = ['a', 'b'].map((id) => ({
  ...VEHICLE,
  id,
  name: `Truck ${id}`,
  crewId: id,
  capacityKg: 900,
}));
const FILLS = Array.from({ length: 10 }, () => 0.95);

async function opened() {
  const fixture = await openPlannerFixture(FILLS, { vehicles: TRUCKS, config: { OVERLOAD_CHANCE: 0 } });
  const stranded = createStrandedLoads(fixture);
  fixture.bus.on('round.published', ({ round }) => stranded.noteRound(round));
  return fixture;
}
type Fixture = Awaited<ReturnType<typeof opened>>;
const kgOf = (parts: LoadPart[] | undefined): number => (parts ?? []).reduce((sum, { loadKg }) => sum + loadKg, 0);

/** A vehicle does its first stop and breaks down. */
async function breakDown(fixture: Fixture): Promise<{ round: Round; kg: number }> {
  const { registry, rounds, plan, tenant, clock } = fixture;
  await plan();
  const [round] = rounds.open();
  const first = round!.stops.find(({ kind }) => kind === 'asset')!;
  await rounds.save([{ round: progress(round!, { [first.id]: 'done' }, { endedAt: clock.iso() }) }]);
  const vehicle = TRUCKS.find(({ id }) => id === round!.vehicleId)!;
  await registry.vehicles.put(tenant, { ...vehicle, available: false });
  await plan();
  return { round: (await registry.rounds.get(tenant, round!.id))!, kg: first.loadKg! };
}
const incidents = ({ registry, tenant }: Fixture) => registry.incidents.all(tenant, { kind: 'vehicle-out' });

test('what a vehicle that breaks down has aboard is kept, told as an incident, and tipped when it is back', async () => {
  const fixture = await opened();
  const { registry, rounds, plan, tenant } = fixture;
  const { round, kg } = await breakDown(fixture);
  expect([round.status, kgOf(round.leftAboard)]).toEqual(['done', kg]);
  const [incident] = await incidents(fixture);
  expect(incident).toMatchObject({ status: 'open', roundId: round.id });
  expect(incident!.text).toContain(`${kg} kg residual aboard`);
  expect(rounds.leftAboard(round.vehicleId)).toEqual(round.leftAboard);

  await registry.vehicles.put(
    tenant,
    TRUCKS.find(({ id }) => id === round.vehicleId)!,
  );
  const made = await plan();
  const back = rounds.open().find(({ vehicleId }) => vehicleId === round.vehicleId)!;
  const detail = (await fixture.records.detail(made.id))!.problem as { vehicles: { initialLoad?: number[] }[] };
  expect(detail.vehicles.map(({ initialLoad }) => initialLoad?.[0])).toContain(kg);
  expect(kgOf(back.aboardAtStart)).toBe(kg);
  const tip = back.stops.find(({ kind }) => kind === 'disposal')!;
  await rounds.save([{ round: progress(back, { [tip.id]: 'done' }, { endedAt: fixture.clock.iso() }) }]);
  expect((await incidents(fixture)).map(({ status }) => status)).toEqual(['resolved']);
});

test('a vehicle that is back with nothing worth driving for still goes to the tip', async () => {
  const fixture = await opened();
  const { round } = await breakDown(fixture);
  for (const id of fixture.level.keys()) fixture.level.set(id, 0.01);
  for (const open of fixture.rounds.open())
    await fixture.rounds.save([{ round: { ...open, status: 'done', stops: [] } }]);
  await fixture.registry.vehicles.put(
    fixture.tenant,
    TRUCKS.find(({ id }) => id === round.vehicleId)!,
  );
  await fixture.plan();
  const back = fixture.rounds.open().find(({ vehicleId }) => vehicleId === round.vehicleId)!;
  expect(back.stops.map(({ kind }) => kind)).toEqual(['disposal']);
});

test('a load that stays aboard overnight where that is allowed is not tipped first, and the next round begins with it', async () => {
  const fixture = await openPlannerFixture([0.95], { vehicles: [TRUCKS[0]!] });
  const { registry, rounds, plan, tenant, clock, bus } = fixture;
  const depot = (await registry.depots.get(tenant, 'yard'))!;
  await registry.depots.put(tenant, { ...depot, mayParkLoaded: ['residual'] });
  await plan();
  const [round] = rounds.open();
  expect(round!.stops.map(({ kind }) => kind)).toEqual(['asset']);
  await rounds.save([{ round: progress(round!, { [round!.stops[0]!.id]: 'done' }, { endedAt: clock.iso() }) }]);
  await rounds.alone(() => rounds.closeOver());
  const left = rounds.leftAboard('a');
  expect(kgOf(left)).toBe(round!.stops[0]!.loadKg);
  // a restart knows it too
  const again = createRoundStore({ registry, bus, clock, tenant });
  await again.load();
  expect(again.leftAboard('a')).toEqual(left);
  await plan();
  expect(kgOf(rounds.open()[0]?.aboardAtStart ?? left)).toBe(kgOf(left));
});
