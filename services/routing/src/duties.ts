import type { Round } from '@ronde/contracts';
import { isEnded, splitRound } from './committed.ts';
import type { Duty } from './build-problem.ts';
import type { Fleet, Roster } from './fleet.ts';
import type { RoundStore } from './round-store.ts';
import { shiftsOf } from './shifts.ts';

export interface DutyRequest {
  fromMs: number;
  toMs: number;
  /** Stops ahead that the plan keeps: the committed ones, and those that crews may come to while the solver works. */
  commit: number;
  vehicleIds?: string[] | undefined;
}

/** Too little to start anything new in. */
const SHORTEST_MS = 15 * 60_000;

/**
 * Gives the shifts that work in the time asked for, with their rounds: per vehicle the first one, cut to that time, and
 * later ones that lie in it as a whole. One vehicle may so have two duties: the end of a shift and the next one.
 */
export function dutiesOf(
  fleet: Fleet,
  request: DutyRequest,
  rounds: Pick<RoundStore, 'openIn' | 'leftAboard'>,
): Duty[] {
  return fleet.vehicles.flatMap((vehicle): Duty[] => {
    const depot = fleet.depots.get(vehicle.depotId);
    if (!depot || (request.vehicleIds && !request.vehicleIds.includes(vehicle.id))) return [];
    const within = { startMs: request.fromMs, endMs: request.toMs };
    return shiftsOf(vehicle, fleet.calendar, within).flatMap((shift, index): Duty[] => {
      const span = { startMs: Math.max(shift.startMs, request.fromMs), endMs: Math.min(shift.endMs, request.toMs) };
      const round = rounds.openIn(vehicle.id, shift);
      const isWhole = span.startMs === shift.startMs && span.endMs === shift.endMs;
      const isWorth = round !== undefined || span.endMs - span.startMs >= SHORTEST_MS;
      const locked = round ? splitRound(round, request.commit).committed : [];
      // what an earlier shift left aboard is the first one's to tip
      const carried = index === 0 ? rounds.leftAboard(vehicle.id) : [];
      return isWorth && (index === 0 || isWhole) ? [{ vehicle, depot, shift, span, round, locked, carried }] : [];
    });
  });
}

/** Gives, per vehicle, when the last of its duties is over. */
export function endsOf(duties: Duty[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { vehicle, span } of duties) ends.set(vehicle.id, Math.max(span.endMs, ends.get(vehicle.id) ?? 0));
  return ends;
}

/** Gives, per vehicle on shift at a moment, when that shift is over. */
export function currentEnds({ vehicles, calendar }: Roster, nowMs: number): Map<string, number> {
  return new Map(
    vehicles.flatMap((vehicle): [string, number][] => {
      const [shift] = shiftsOf(vehicle, calendar, { startMs: nowMs, endMs: nowMs + 1 });
      return shift ? [[vehicle.id, shift.endMs]] : [];
    }),
  );
}

/** Assets that are spoken for (in other rounds, or kept as they are), and those of the rounds planned anew, to keep if possible. */
export function takenAssets(
  duties: Duty[],
  rounds: Pick<RoundStore, 'open'>,
  fallen: Round[] = [],
): { exclude: Set<string>; keep: Set<string> } {
  const locked = new Map(duties.map((duty) => [duty.round?.id, new Set(duty.locked.map(({ id }) => id))]));
  const exclude = new Set<string>();
  const keep = waitingAssets(fallen);
  for (const round of rounds.open()) {
    if (fallen.includes(round)) continue;
    const fixed = locked.get(round.id);
    for (const { id, assetIds } of round.stops.filter((stop) => !isEnded(stop))) {
      for (const assetId of assetIds) {
        if (!fixed || fixed.has(id)) exclude.add(assetId);
        // a crew that has not left yet does not mind a better round
        else if (round.status === 'active') keep.add(assetId);
      }
    }
  }
  return { exclude, keep };
}

/** Rounds whose vehicle is no longer available, or is gone. */
export function fallenRounds({ vehicles }: Roster, rounds: Pick<RoundStore, 'open'>): Round[] {
  const able = new Set(vehicles.map(({ id }) => id));
  return rounds.open().filter(({ vehicleId }) => !able.has(vehicleId));
}

/** Assets that rounds still mean to serve. */
export function waitingAssets(rounds: Round[]): Set<string> {
  return new Set(
    rounds.flatMap(({ stops }) => stops.filter((stop) => !isEnded(stop)).flatMap((stop) => stop.assetIds)),
  );
}

/** Tells whether crews did, while a plan was made, only what the plan reckoned with. */
export function stillHolds({ round: before, locked }: Duty, current: Round | undefined): boolean {
  if (!before || !current) return before === current;
  if (before.status !== current.status && before.status !== 'published') return false;
  if (before.version !== current.version || before.vehicleFull !== current.vehicleFull) return false;
  const { executed, committed } = splitRound(current);
  const ended = new Set(executed.map(({ id }) => id));
  const expected = new Set([...splitRound(before).executed, ...locked].map(({ id }) => id));
  const rest = locked.filter(({ id }) => !ended.has(id));
  return executed.every(({ id }) => expected.has(id)) && committed.every(({ id }, index) => rest[index]?.id === id);
}
