import { expect, test, vi } from 'vitest';
import type { Round, Vehicle } from '@ronde/contracts';
import { createFakeClock } from '@ronde/kit';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { openPlannerFixture, progress } from './plan-fixture.ts';

const FILLS = [0.97, 0.93, 0.9, 0.88, 0.86, 0.84, 0.82, 0.8, 0.78, 0.76, 0.74, 0.72];
const HOUR_MS = 3_600_000;
const ahead = (round: Round) => round.stops.filter(({ status }) => status === 'planned' || status === 'arrived');
const legs = (round: Round): number => round.stops.reduce((sum, { legM }) => sum + legM!, 0);

function expectSound(round: Round): void {
  const etas = ahead(round).map(({ eta }) => Date.parse(eta));
  expect(etas).toEqual(etas.toSorted((a, b) => a - b));
  expect(round.stops.map(({ seq }) => seq)).toEqual(round.stops.map((_, index) => index + 1));
  expect(new Set(round.stops.map(({ id }) => id)).size).toBe(round.stops.length);
  expect(round.durationS).toBe(Math.round((Date.parse(round.endsAt) - Date.parse(round.startsAt)) / 1000));
  expect(round.distanceM).toBeGreaterThanOrEqual(legs(round));
  expect(ahead(round).at(-1)).toMatchObject({ kind: 'disposal' });
}

test('a plan without a vehicle on shift fails with the reason and leaves rounds alone', async () => {
  const { plan, clock, rounds } = await openPlannerFixture(FILLS);
  clock.set(START_MS + 12 * HOUR_MS);
  expect(await plan(1)).toMatchObject({ status: 'failed', fault: expect.stringMatching(/no vehicle has a shift/) });
  expect(rounds.open()).toEqual([]);
});

test('a round planned ahead, at any fraction of a second, belongs to its shift and is not planned a second time', async () => {
  const shiftMs = Date.parse('2026-01-05T13:00:00Z');
  const clock = createFakeClock(shiftMs - 124_092);
  const vehicles = [{ ...VEHICLE, shifts: [{ from: '14:00', to: '22:00' }] }];
  const { plan, rounds } = await openPlannerFixture(FILLS, { vehicles, clock });
  await plan();
  expect(rounds.open().map(({ startsAt }) => Date.parse(startsAt) >= shiftMs)).toEqual([true]);
  clock.advance(200_000);
  await plan();
  expect(rounds.open()).toHaveLength(1);
});

test('a solver that dies fails the plan with its reason, and the round before stays as it was', async () => {
  let dies = false;
  const { plan, rounds, registry, tenant } = await openPlannerFixture(FILLS, {
    solve: (job, real) =>
      dies ? Promise.reject(new Error('the solver thread ended without a plan')) : real.solve(job),
  });
  await plan();
  const [before] = rounds.open();
  dies = true;
  const failed = await plan();
  expect(failed).toMatchObject({ status: 'failed', fault: 'the solver thread ended without a plan', roundIds: [] });
  expect(await registry.plans.get(tenant, failed.id)).toEqual(failed);
  expect(rounds.open()).toEqual([before]);
});

test('two plans asked for at once are made one after the other', async () => {
  const { planner, bus, clock } = await openPlannerFixture(FILLS);
  const seen: string[] = [];
  bus.on('plan.changed', ({ plan }) => void seen.push(`${plan.status} ${plan.cause}`));
  const span = { fromMs: clock.nowMs(), toMs: clock.nowMs() + HOUR_MS * 8 };
  const [first, second] = await Promise.all([
    planner.request({ cause: 'request', ...span }),
    planner.request({ cause: 'schedule', ...span }),
  ]);
  await Promise.all([first.done, second.done]);
  expect(seen.slice(-4)).toEqual(['solving request', 'done request', 'solving schedule', 'done schedule']);
});

test('more plans than can wait are refused, and a stop ends those that wait', async () => {
  const { planner, clock } = await openPlannerFixture(FILLS);
  const ask = () => planner.request({ cause: 'request', fromMs: clock.nowMs(), toMs: clock.nowMs() + HOUR_MS });
  const asked = await Promise.all(Array.from({ length: 20 }, ask));
  await expect(ask()).rejects.toMatchObject({ code: 'RATE_EXCEEDED' });
  await planner.stop();
  expect((await Promise.all(asked.map(({ done }) => done))).map(({ status }) => status)).toEqual(
    asked.map(() => 'failed'),
  );
});

test('what a crew does while the solver works is kept: executed stops, the current one and the next two stay', async () => {
  let during: (() => Promise<void>) | undefined;
  const fixture = await openPlannerFixture(FILLS, {
    solve: async (job, real) => {
      const solved = await real.solve(job);
      await during?.();
      during = undefined;
      return solved;
    },
  });
  const { rounds, plan, clock, level } = fixture;
  await plan();
  const first = rounds.open()[0]!;
  await rounds.save([{ round: progress(first, { [first.stops[0]!.id]: 'done' }, { endedAt: clock.iso() }) }]);
  // three stops done meanwhile, one of them out of turn: no plan reckoned with that
  const busy = first.stops
    .slice(0, 3)
    .concat(first.stops.slice(8, 9))
    .filter(({ kind }) => kind === 'asset');
  let promised: string[] = [];
  during = async () => {
    const now = progress(rounds.open()[0]!, Object.fromEntries(busy.map(({ id }) => [id, 'done'])), {
      endedAt: clock.iso(),
    });
    promised = ahead(now)
      .slice(0, 3)
      .map(({ id }) => id);
    await rounds.save([{ round: now }]);
  };
  level.set('bin-11', 0.2);
  expect((await plan()).status).toBe('done');
  const now = rounds.open()[0]!;
  for (const { id } of busy) expect(now.stops.find((stop) => stop.id === id)!.status).toBe('done');
  expect(
    ahead(now)
      .slice(0, 3)
      .map(({ id }) => id),
  ).toEqual(promised);
  expectSound(now);
});

test('no asset is in two rounds after a plan for two vehicles of which one is under way', async () => {
  const second: Vehicle = { ...VEHICLE, id: 'truck-2', name: 'Truck 2', crewId: 'crew-2' };
  const { rounds, plan, clock, level } = await openPlannerFixture([...FILLS, ...FILLS], {
    vehicles: [
      { ...VEHICLE, shifts: [{ from: '06:30', to: '09:00' }] },
      { ...second, shifts: [{ from: '06:30', to: '09:00' }] },
    ],
  });
  await plan();
  for (const round of rounds.open())
    await rounds.save([{ round: progress(round, { [round.stops[0]!.id]: 'arrived' }, { arrivedAt: clock.iso() }) }]);
  for (const id of ['bin-20', 'bin-21', 'bin-22']) level.set(id, 1);
  await plan();
  const all = rounds.open().flatMap((round) => ahead(round).flatMap(({ assetIds }) => assetIds));
  expect(all.length).toBeGreaterThan(6);
  expect(new Set(all).size).toBe(all.length);
  rounds.open().forEach(expectSound);
});

test('a vehicle under way for which nothing is worth driving any more keeps its promises and tips', async () => {
  const { rounds, plan, clock, level } = await openPlannerFixture(FILLS);
  await plan();
  const first = rounds.open()[0]!;
  await rounds.save([{ round: progress(first, { [first.stops[0]!.id]: 'done' }, { endedAt: clock.iso() }) }]);
  const promised = ahead(rounds.open()[0]!)
    .slice(0, 3)
    .map(({ id }) => id);
  for (const id of level.keys()) level.set(id, 0.01);
  // fifteen minutes to the end of the shift: the promised stops take longer
  clock.set(Date.parse('2026-01-05T13:50:00Z'));
  await plan();
  const now = rounds.open()[0]!;
  expect(
    ahead(now)
      .slice(0, 3)
      .map(({ id }) => id),
  ).toEqual(promised);
  expectSound(now);
});

test('a round that nobody has started and that lost its reason is cancelled, with every stop told as dropped', async () => {
  const { rounds, plan, level, registry, tenant } = await openPlannerFixture(FILLS.slice(0, 3));
  await plan();
  const first = rounds.open()[0]!;
  for (const id of level.keys()) level.delete(id);
  await plan();
  expect(rounds.open()).toEqual([]);
  expect(await registry.rounds.get(tenant, first.id)).toMatchObject({ status: 'cancelled', version: 2, stops: [] });
  const versions = await registry.roundVersions.all(tenant, { roundId: first.id });
  expect(versions.find(({ version }) => version === 2)!.changes.map(({ kind }) => kind)).toEqual(
    first.stops.map(() => 'removed'),
  );
});

test('a full vehicle tips before its next stop, and the promised stops keep their order behind the tip', async () => {
  const { rounds, plan, clock } = await openPlannerFixture(FILLS);
  await plan();
  const first = rounds.open()[0]!;
  const active = { ...progress(first, { [first.stops[0]!.id]: 'done' }, { endedAt: clock.iso() }), vehicleFull: true };
  await rounds.save([{ round: active }]);
  const promised = ahead(active)
    .slice(0, 3)
    .map(({ id }) => id);
  await plan();
  const [tip, ...rest] = ahead(rounds.open()[0]!);
  expect(tip).toMatchObject({ kind: 'disposal', siteId: 'tip' });
  expect(rest.slice(0, 3).map(({ id }) => id)).toEqual(promised);
  expectSound(rounds.open()[0]!);
});

test('the end of one shift and the start of the next are two rounds of one vehicle', async () => {
  const { rounds, plan, clock } = await openPlannerFixture(FILLS, {
    vehicles: [
      {
        ...VEHICLE,
        shifts: [
          { from: '06:00', to: '14:00' },
          { from: '14:00', to: '22:00' },
        ],
      },
    ],
  });
  clock.set(Date.parse('2026-01-05T12:45:00Z'));
  const made = await plan(9);
  expect(made).toMatchObject({ status: 'done', vehicleIds: ['truck-1'] });
  const late = rounds.open().find(({ startsAt }) => startsAt >= '2026-01-05T13:00');
  expect(late!.stops.length).toBeGreaterThan(5);
});

test('assets that a crew has just seen not full are left alone for hours, those without time are not', async () => {
  const { rounds, plan, clock, rests } = await openPlannerFixture(FILLS);
  rests.note({ kind: 'skipped', reason: 'not-full', deviceAt: clock.iso() }, ['bin-0']);
  rests.note({ kind: 'skipped', reason: 'no-time', deviceAt: clock.iso() }, ['bin-1']);
  await plan();
  const served = new Set(rounds.open().flatMap(({ stops }) => stops.flatMap(({ assetIds }) => assetIds)));
  expect(served).not.toContain('bin-0');
  expect(served).toContain('bin-1');
  expect(rests.resting(clock.nowMs() + 4 * HOUR_MS)).toEqual([]);
});

test('assets that no vehicle takes are left out with that reason, and a long list is cut', async () => {
  const glass = Array.from({ length: 450 }, (_, index) => ({
    ...asset(index),
    chambers: [{ id: '1', fraction: 'glass' as const }],
  }));
  const { plan } = await openPlannerFixture(
    glass.map(() => 0.9),
    { assets: glass },
  );
  const made = await plan();
  expect(made.leftOut).toHaveLength(400);
  expect(made.leftOut[0]).toMatchObject({
    code: 'no-vehicle-fits',
    reason: expect.stringMatching(/no vehicle on duty/),
  });
});

test('a registry that cannot save fails the plan and publishes no round', async () => {
  const { plan, registry, rounds, bus } = await openPlannerFixture(FILLS);
  const published = vi.fn();
  bus.on('round.published', published);
  vi.spyOn(registry.rounds, 'putAll').mockRejectedValueOnce(new Error('disk full'));
  expect(await plan()).toMatchObject({ status: 'failed', fault: 'disk full' });
  expect(rounds.open()).toEqual([]);
  expect(published).not.toHaveBeenCalled();
  expect((await plan()).status).toBe('done');
});
