import { expect, test } from 'vitest';
import { Calendar, type Plan, type Reading, type StoredCrewEvent, type Vehicle } from '@ronde/contracts';
import { createFakeClock, silentLog } from '@ronde/kit';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { openPlannerFixture } from './plan-fixture.ts';
import type { PlanRequest } from './draft-plan.ts';
import { createTriggers } from './triggers.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function openTriggers(startMs: number, options: { vehicles?: Vehicle[]; planCron?: string } = {}) {
  const clock = createFakeClock(startMs);
  const fixture = await openPlannerFixture([0.5], { clock, ...(options.vehicles && { vehicles: options.vehicles }) });
  await fixture.registry.calendars.put(
    fixture.tenant,
    Calendar.parse({ id: 'c', ...(options.planCron && { planCron: options.planCron }) }),
  );
  const asked: (PlanRequest & { atMs: number })[] = [];
  const planner = {
    request: async (request: PlanRequest) => {
      asked.push({ ...request, atMs: clock.nowMs() });
      return { plan: {} as Plan, done: Promise.resolve({} as Plan) };
    },
  };
  const triggers = createTriggers({
    registry: fixture.registry,
    clock,
    log: silentLog(),
    rounds: fixture.rounds,
    planner,
    config: fixture.config,
  });
  /** The registry answers in order: after these answers, those asked for before have come too. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 6; turn++) await fixture.registry.vehicles.all(fixture.tenant);
  };
  /** Lets platform minutes pass one by one, with the work that each starts. */
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute++) {
      clock.advance(MINUTE_MS);
      await settle();
    }
  };
  await triggers.start();
  await settle();
  return { ...fixture, clock, triggers, asked, pass };
}
const full = (value = 0.97, assetId = 'bin-0'): Reading => ({
  at: new Date(START_MS).toISOString(),
  receivedAt: new Date(START_MS).toISOString(),
  deviceId: 'd',
  assetId,
  chamber: '1',
  quantity: 'fill',
  value,
  unit: '1',
  quality: 'ok',
  flags: [],
  typeVersion: 'plain@1',
  uplinkId: 'u',
});
const crewEvent = (more: Partial<StoredCrewEvent>): StoredCrewEvent => ({
  id: '00000000-0000-7000-8000-000000000001',
  roundId: 'r',
  roundVersion: 1,
  stopId: 's',
  kind: 'full',
  deviceAt: '',
  receivedAt: '',
  vehicleId: 'v',
  ...more,
});

test.each([
  ['spring skips an hour', '2026-03-29T00:00:00Z'],
  ['autumn repeats an hour', '2026-10-24T23:00:00Z'],
])(
  'the schedule at 02:30 asks for one plan on the night that %s',
  async (_, from) => {
    const night: Vehicle = { ...VEHICLE, shifts: [{ from: '01:30', to: '09:00' }] };
    const { asked, pass, triggers } = await openTriggers(Date.parse(from), {
      vehicles: [night],
      planCron: '30 2 * * *',
    });
    await pass(4 * 60);
    triggers.stop();
    expect(asked.filter(({ cause }) => cause === 'schedule')).toHaveLength(1);
  },
  30_000,
);

test('a shift without a round asks at once, and again only after two hours', async () => {
  const { asked, pass, triggers } = await openTriggers(START_MS);
  await pass(119);
  expect(asked.map(({ cause }) => cause)).toEqual(['start']);
  await pass(5);
  triggers.stop();
  expect(asked.map(({ cause }) => cause)).toEqual(['start', 'start']);
});

test('many full bins ask for one plan after the gap, and a bin that stays full asks no more', async () => {
  const { asked, pass, triggers } = await openTriggers(START_MS);
  await pass(2);
  for (let index = 0; index < 50; index++) triggers.readings([full()]);
  await pass(17);
  expect(asked).toHaveLength(1);
  await pass(3);
  expect(asked.map(({ cause }) => cause)).toEqual(['start', 'bin-full']);
  triggers.readings([full(0.99)]);
  await pass(25);
  expect(asked).toHaveLength(2);
  triggers.readings([full(0.1), full(0.98)]);
  await pass(2);
  triggers.stop();
  expect(asked).toHaveLength(3);
});

test('doubtful readings, crews and other quantities ask for nothing', async () => {
  const { asked, pass, triggers } = await openTriggers(START_MS);
  await pass(1);
  triggers.readings([
    { ...full(), quality: 'suspect' },
    { ...full(), deviceId: 'crew-v' },
    { ...full(), quantity: 'temperature' },
    { ...full(), assetId: null },
  ]);
  await pass(30);
  triggers.stop();
  expect(asked).toHaveLength(1);
});

test('a full vehicle does not wait for the gap; a bin that was skipped for want of time does, one that was not full never asks', async () => {
  const { asked, pass, triggers } = await openTriggers(START_MS);
  await pass(3);
  triggers.crewEvent(crewEvent({ kind: 'skipped', reason: 'not-full' }));
  await pass(1);
  expect(asked).toHaveLength(1);
  triggers.crewEvent(crewEvent({}));
  await pass(2);
  expect(asked.map(({ cause }) => cause)).toEqual(['start', 'vehicle-full']);
  triggers.crewEvent(crewEvent({ kind: 'skipped', reason: 'no-time' }));
  await pass(5);
  expect(asked).toHaveLength(2);
  await pass(16);
  triggers.stop();
  expect(asked).toHaveLength(3);
});

test('a plan shortly before the change of shifts reaches into the next one', async () => {
  const day: Vehicle = {
    ...VEHICLE,
    shifts: [
      { from: '06:00', to: '14:00' },
      { from: '14:00', to: '22:00' },
    ],
  };
  const { asked, triggers, pass } = await openTriggers(Date.parse('2026-01-05T12:40:00Z'), {
    vehicles: [day],
    planCron: '45 13 * * *',
  });
  await pass(10);
  triggers.stop();
  const [first] = asked.filter(({ cause }) => cause === 'schedule');
  expect(new Date(first!.toMs).toISOString()).toBe('2026-01-05T21:00:00.000Z');
});

test('a change of the calendar moves the schedule, and a city without assets asks for nothing', async () => {
  const { asked, triggers, pass, registry, tenant } = await openTriggers(START_MS - 3 * HOUR_MS, {
    vehicles: [{ ...VEHICLE, shifts: [{ from: '00:00', to: '23:00' }] }],
  });
  await registry.calendars.put(tenant, Calendar.parse({ id: 'c', planCron: '5 4 * * *' }));
  await triggers.fleetChanged();
  await pass(70);
  expect(asked.map(({ cause }) => cause)).toContain('schedule');
  await registry.assets.delete(tenant, asset(0).id);
  const before = asked.filter(({ cause }) => cause === 'start').length;
  await pass(130);
  triggers.stop();
  expect(asked.filter(({ cause }) => cause === 'start')).toHaveLength(before);
});
