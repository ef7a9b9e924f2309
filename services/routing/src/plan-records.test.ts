import { expect, test } from 'vitest';
import { afterIterations, type StopRule } from '@ronde/solver';
import { noteCooling, repeatCooling } from './cooling.ts';
import { openPlannerFixture, progress } from './plan-fixture.ts';

const FILLS = Array.from({ length: 40 }, (_, index) => 0.98 - index * 0.012);

test('what a stop rule said is said again, call by call', () => {
  let clock = 0;
  const drift: StopRule = () => Math.min(1, (clock += Math.random() * 0.004));
  const { rule, cooling } = noteCooling(drift);
  const said: number[] = [];
  const progressNow = { iterations: 0, bestCost: 0, stalled: 0 };
  while ((said.at(-1) ?? 0) < 1) said.push(rule(progressNow));
  const again = repeatCooling(cooling);
  expect(said.map(() => again(progressNow))).toEqual(said);
  expect(again(progressNow)).toBe(1);
  expect(noteCooling(afterIterations(0)).rule(progressNow)).toBe(1);
});

test('a plan that went by the clock is read back whole and solved again to the same plan, full or mid-shift', async () => {
  const { plan, rounds, records, level, clock } = await openPlannerFixture(FILLS, {
    config: { SOLVE_S: 2, REPLAN_S: 2 },
  });
  const first = await plan();
  const [round] = rounds.open();
  await rounds.save([{ round: progress(round!, { [round!.stops[0]!.id]: 'done' }, { endedAt: clock.iso() }) }]);
  level.set('bin-39', 1);
  const second = await plan();
  expect([first.changes, second.changes?.limit]).toEqual([null, 12]);
  for (const { id, cost } of [first, second]) {
    const detail = (await records.detail(id))!;
    expect(detail.record.cost).toBeCloseTo(cost! * 100, 6);
    const replay = (await records.replay(id))!;
    expect(replay).toMatchObject({ same: true, differences: [], iterations: detail.record.iterations });
    expect(replay.replayedCost).toBe(replay.cost);
  }
  expect((await records.detail(second.id))!.record).toMatchObject({ mode: 'replan', changeLimit: 12 });
});

test('the oldest records make room, and a plan without one is simply not there', async () => {
  const { plan, records, registry, tenant } = await openPlannerFixture([0.95], { config: { SOLVE_S: 0.2 } });
  const plans = [];
  for (let i = 0; i < 12; i++) plans.push(await plan());
  expect(await registry.planRecords.count(tenant)).toBe(10);
  expect(await registry.planFiles.count(tenant)).toBe(10);
  expect(await records.detail(plans[1]!.id)).toBeUndefined();
  expect(await records.detail(plans[2]!.id)).toBeDefined();
});
