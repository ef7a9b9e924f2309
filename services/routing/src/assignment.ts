import type { LeftOut } from '@ronde/contracts';
import type { Duty } from './build-problem.ts';
import { fits, type Candidate } from './candidates.ts';
import { isEnded } from './committed.ts';
import type { Learnings } from './learnings.ts';
import type { Vetoes } from './vetoes.ts';

/** Which duties may serve a candidate; none says why. */
export type Assignment =
  { able: number[]; pinned: boolean } | { able: []; pinned: false; why: NonNullable<LeftOut['code']> };

export interface AssignmentDeps {
  vetoes: Pick<Vetoes, 'isVetoed'>;
  learnings: Pick<Learnings, 'avoids' | 'prefers'>;
}

/**
 * Says who may serve what: first what the vehicle can do, then what its crew declined, then where an operator put it, and
 * last what both have taught. Habits only choose among vehicles that can; they never leave a stop without one.
 */
export function createAssignment(
  duties: Duty[],
  { vetoes, learnings }: AssignmentDeps,
  nowMs: number,
): (candidate: Candidate) => Assignment {
  const pins = pinsOf(duties);
  return (candidate) => {
    const ids = candidate.assets.map(({ id }) => id);
    const fitting = duties.flatMap(({ vehicle }, index) => (fits(vehicle, candidate) ? [index] : []));
    if (fitting.length === 0) return { able: [], pinned: false, why: 'no-vehicle-fits' };
    const vehicleOf = (index: number): string => duties[index]!.vehicle.id;
    const willing = fitting.filter((index) => !ids.some((id) => vetoes.isVetoed(vehicleOf(index), id, nowMs)));
    if (willing.length === 0) return { able: [], pinned: false, why: 'declined' };
    const pin = ids.map((id) => pins.get(id)).find((index) => index !== undefined);
    if (pin !== undefined && willing.includes(pin)) return { able: [pin], pinned: true };
    const wanted = ids.map((id) => learnings.prefers(id, nowMs)).find((id) => id !== undefined);
    const preferred = willing.filter((index) => vehicleOf(index) === wanted);
    if (preferred.length > 0) return { able: preferred, pinned: false };
    const glad = willing.filter((index) => !ids.some((id) => learnings.avoids(vehicleOf(index), id, nowMs)));
    return { able: glad.length > 0 ? glad : willing, pinned: false };
  };
}

/** Duty of each asset that an operator put into a round and that still waits there. */
function pinsOf(duties: Duty[]): Map<string, number> {
  return new Map(
    duties.flatMap(({ round }, index) =>
      (round?.stops ?? [])
        .filter((stop) => stop.pinned && !isEnded(stop))
        .flatMap(({ assetIds }) => assetIds.map((id): [string, number] => [id, index])),
    ),
  );
}
