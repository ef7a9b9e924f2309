import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CrewEvent, Round, StoredCrewEvent, Vehicle } from '@ronde/contracts';
import { isEnded, splitRound } from './committed.ts';
import { asset, VEHICLE } from './fixtures.ts';
import { openPlannerFixture } from './plan-fixture.ts';
import { advanceRound } from './stop-progress.ts';

const BINS = 36;
const LIMIT = 5;
const MINUTE_MS = 60_000;
const VEHICLES: Vehicle[] = [1, 2, 3].map((n) => ({
  ...VEHICLE,
  id: `truck-${n}`,
  name: `Truck ${n}`,
  crewId: `crew-${n}`,
  capacityKg: 1_500,
  shifts: [{ from: '06:30', to: '16:00' }],
}));

const step = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      does: fc.constant('crew' as const),
      vehicle: fc.nat(2),
      ahead: fc.nat(5),
      kind: fc.constantFrom('arrived', 'emptied', 'emptied', 'skipped', 'declined', 'problem', 'full' as const),
      late: fc.nat(20),
    }),
  },
  {
    weight: 25,
    arbitrary: fc.record({
      does: fc.constant('bin' as const),
      bin: fc.nat(BINS - 1),
      fill: fc.double({ min: 0.2, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('vehicle' as const), vehicle: fc.nat(2), available: fc.boolean() }),
  },
  { weight: 12, arbitrary: fc.record({ does: fc.constant('plan' as const) }) },
);

const executedOf = ({ stops }: Round): string[] =>
  stops
    .slice(0, stops.findIndex((stop) => !isEnded(stop)) < 0 ? stops.length : stops.findIndex((stop) => !isEnded(stop)))
    .map((stop) => JSON.stringify(stop));
/** The stop that a crew is at or goes to, and the next two; a tip put before them for a full vehicle aside. */
const promised = (round: Round, known: Round): string[] => {
  if (known.status !== 'active') return [];
  const ids = new Set(splitRound(known).committed.map(({ id }) => id));
  const { committed, open } = splitRound(round);
  const ahead = [...committed, ...open].filter(
    (stop) => !known.vehicleFull || stop.kind === 'asset' || ids.has(stop.id),
  );
  return ahead.slice(0, splitRound(known).committed.length).map(({ id }) => id);
};
/** Bins that wait, in the order in which the crew goes: where it came out of turn is where it is. */
const waiting = (round: Round): string[] => {
  const { committed, open } = splitRound(round);
  return [...committed, ...open].flatMap(({ assetIds }) => assetIds);
};

/** The longest order that two lists share, by the textbook table. */
function shared(a: string[], b: string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    b.forEach((y, j) => next.push(x === y ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)));
    row = next;
  }
  return row.at(-1)!;
}

test(
  'after 1,000 random events what is executed is byte for byte the same, changes are bounded, and every skipped bin has its reason',
  { timeout: 600_000 },
  async () => {
    const fixture = await openPlannerFixture(
      Array.from({ length: BINS }, (_, index) => 0.96 - (index % 12) * 0.03),
      { vehicles: VEHICLES, config: { SOLVE_S: 0.2, REPLAN_S: 0.05, PLAN_MAX_CHANGES: LIMIT } },
    );
    const { plan, rounds, clock, level, registry, tenant, rests, vetoes, records } = fixture;
    const events = fc.sample(step, { seed: 7, numRuns: 1_000 });
    const told = new Map<string, CrewEvent[]>();
    let [eventId, plans, replans] = [0, 0, 0];

    const crew = async ({
      vehicle,
      ahead,
      kind,
      late,
    }: Extract<(typeof events)[number], { does: 'crew' }>): Promise<void> => {
      const round = rounds.open().find(({ vehicleId }) => vehicleId === VEHICLES[vehicle]!.id);
      const open = round?.stops.filter((stop) => !isEnded(stop)) ?? [];
      const stop = open[Math.min(ahead > 3 ? ahead - 3 : 0, open.length - 1)];
      if (!round || !stop) return;
      const event: StoredCrewEvent = {
        id: `event-${++eventId}`,
        roundId: round.id,
        roundVersion: round.version,
        stopId: stop.id,
        kind,
        ...((kind === 'skipped' || kind === 'declined') && { reason: 'blocked' as const }),
        deviceAt: new Date(clock.nowMs() - late * MINUTE_MS).toISOString(),
        receivedAt: clock.iso(),
        vehicleId: round.vehicleId,
      };
      const before = executedOf(round);
      const key = `${round.id}/${stop.id}`;
      const after = advanceRound(round, event, told.get(key) ?? []);
      told.set(key, [...(told.get(key) ?? []), event]);
      if (after !== round) await rounds.save([{ round: after }]);
      rests.note(event, stop.assetIds);
      vetoes.note(event, stop.assetIds, clock.nowMs() + 8 * 3_600_000);
      // an event about a stop that is not executed yet only ever adds to the executed part
      expect(executedOf(after).slice(0, before.length)).toEqual(before);
    };

    const replan = async (): Promise<void> => {
      const before = new Map(rounds.open().map((round) => [round.id, round]));
      const made = await plan(8);
      plans++;
      if (made.status !== 'done') return;
      const now = (await Promise.all([...before.keys()].map((id) => registry.rounds.get(tenant, id)))) as Round[];
      const fallen = new Set(now.filter((round) => round.status !== before.get(round.id)!.status).map(({ id }) => id));
      for (const round of now) {
        const old = before.get(round.id)!;
        expect(executedOf(round).slice(0, executedOf(old).length)).toEqual(executedOf(old));
        if (!fallen.has(round.id)) expect(promised(round, old)).toEqual(promised(old, old));
      }
      const running = now.filter((round) => before.get(round.id)!.status === 'active' && !fallen.has(round.id));
      if (running.length > 0) {
        replans++;
        const { record } = (await records.detail(made.id))!;
        const orphans = new Set(
          now.filter(({ id }) => fallen.has(id)).flatMap((round) => waiting(before.get(round.id)!)),
        );
        const known = new Set(running.flatMap((round) => waiting(before.get(round.id)!)));
        const left = running.reduce(
          (sum, round) =>
            sum + waiting(before.get(round.id)!).length - shared(waiting(before.get(round.id)!), waiting(round)),
          0,
        );
        const added = running.flatMap(waiting).filter((id) => !known.has(id) && !orphans.has(id)).length;
        // bins that have become restful or unfit leave the problem, whatever the plan: those are not of its making
        const gone = [...known].filter((id) =>
          made.leftOut.some((out) => out.assetId === id && ['resting', 'declined', 'can-wait'].includes(out.code!)),
        ).length;
        expect(record.changed).toBeLessThanOrEqual(LIMIT);
        expect(left + added).toBeLessThanOrEqual(LIMIT + record.forced + gone + orphans.size);
      }
      const served = new Set(rounds.open().flatMap(({ stops }) => stops.flatMap(({ assetIds }) => assetIds)));
      const reasons = new Map(made.leftOut.map(({ assetId, reason }) => [assetId, reason]));
      for (let index = 0; index < BINS; index++) {
        const { id } = asset(index);
        if (!served.has(id)) expect(reasons.get(id) ?? `no reason for ${id}`).toMatch(/^(?!no reason).{10,}/);
      }
    };

    await plan(8);
    for (const event of events) {
      clock.set(clock.nowMs() + 20_000);
      if (event.does === 'crew') await crew(event);
      else if (event.does === 'bin') level.set(`bin-${event.bin}`, event.fill);
      else if (event.does === 'vehicle')
        await registry.vehicles.put(tenant, { ...VEHICLES[event.vehicle]!, available: event.available });
      else await replan();
    }
    expect(plans).toBeGreaterThan(80);
    expect(replans).toBeGreaterThan(20);
  },
);
