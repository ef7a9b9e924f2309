import type { Plan, Round, Stop } from '@ronde/contracts';
import type { Duty } from './build-problem.ts';
import { fits } from './candidates.ts';
import { aboardOf, isEnded } from './committed.ts';
import type { Draft, DraftDeps } from './draft-plan.ts';
import { stillHolds } from './duties.ts';
import { makeRound } from './make-round.ts';
import { diffRounds, type Neighbourhood } from './round-diff.ts';
import type { RoundUpdate } from './round-store.ts';

const LEFT_OUT_PER_ROUND = 60;

/** Publishes all rounds of a draft, or none (undefined) when crews have overtaken it; to be run alone. */
export async function publishDraft(
  plan: Plan,
  { built, solved, unserved, fallen }: Draft,
  { rounds, forecaster, clock }: Pick<DraftDeps, 'rounds' | 'forecaster' | 'clock'>,
): Promise<string[] | undefined> {
  const current = new Map(rounds.open().map((round) => [round.id, round]));
  const roundNow = ({ vehicle, shift, round }: Duty): Round | undefined =>
    round ? current.get(round.id) : rounds.openIn(vehicle.id, shift);
  if (!built.duties.every((duty) => stillHolds(duty, roundNow(duty)))) return undefined;
  // a vehicle that fell out and reports all the same: its events count first
  if (!fallen.every((round) => current.get(round.id) === round)) return undefined;
  const made = built.duties.flatMap((duty, index) => {
    const before = roundNow(duty);
    const leftOut = unserved.filter(({ candidate }) => fits(duty.vehicle, candidate)).flatMap((entry) => entry.leftOut);
    const round = makeRound(built, index, before, {
      route: solved.solution.routes.find(({ vehicle }) => vehicle === index),
      planId: plan.id,
      leftOut: leftOut.slice(0, LEFT_OUT_PER_ROUND),
      fullAt: forecaster.fullAtMs,
      nowMs: clock.nowMs(),
    });
    return round ? [{ before, round }] : [];
  });
  const ended = fallen.map((before) => ({ before, round: withoutWork(before, plan.id) }));
  const names = new Map(built.duties.map(({ vehicle }) => [vehicle.id, vehicle.name]));
  const around = neighbourhoodOf([...made, ...ended], (id) => names.get(id) ?? id);
  const updates = [...made, ...ended].flatMap(({ before, round }): RoundUpdate[] => {
    const changes = diffRounds(before, round, around);
    return before && changes.length === 0 && round.status === before.status ? [] : [{ round, changes }];
  });
  await rounds.save(updates);
  return updates.map(({ round }) => round.id);
}

/** Ends rounds whose vehicle fell out when nobody can take them over. */
export async function endFallen(
  fallen: Round[],
  planId: string,
  rounds: Pick<DraftDeps['rounds'], 'save'>,
): Promise<void> {
  await rounds.save(
    fallen.map((before) => {
      const round = withoutWork(before, planId);
      return { round, changes: diffRounds(before, round) };
    }),
  );
}

/** The round of a vehicle that fell out: what was done stays, the rest is for others. */
function withoutWork(round: Round, planId: string): Round {
  const stops = round.stops.filter(isEnded);
  const leftAboard = aboardOf(round, 'residual');
  const status = stops.length > 0 ? 'done' : 'cancelled';
  return { ...round, version: round.version + 1, planId, stops, status, ...(leftAboard.length > 0 && { leftAboard }) };
}

/** Which vehicle had, and which one has, the assets of a stop. */
function neighbourhoodOf(
  pairs: { before: Round | undefined; round: Round }[],
  nameOf: (vehicleId: string) => string,
): Neighbourhood {
  const index = (rounds: Round[]): Map<string, string> =>
    new Map(
      rounds.flatMap(({ stops, vehicleId }) =>
        stops.flatMap(({ assetIds }) => assetIds.map((id): [string, string] => [id, vehicleId])),
      ),
    );
  const had = index(pairs.flatMap(({ before }) => before ?? []));
  const has = index(pairs.map(({ round }) => round));
  const find = (map: Map<string, string>, stop: Stop, vehicleId: string): string | undefined => {
    const found = stop.assetIds.map((id) => map.get(id)).find((id) => id !== undefined && id !== vehicleId);
    return found === undefined ? undefined : nameOf(found);
  };
  return {
    cameFrom: (stop, round) => find(had, stop, round.vehicleId),
    goesTo: (stop, round) => find(has, stop, round.vehicleId),
  };
}
