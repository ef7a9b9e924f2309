import type { LoadPart } from '@ronde/contracts';
import type { Stop as SolverStop, Vehicle as SolverVehicle } from '@ronde/solver';
import type { Duty } from './build-problem.ts';
import { FRACTIONS } from './loads.ts';
import type { Lock } from './under-way.ts';

type Amounts = [kg: number, litres: number];
/** What a promised stop takes of the room that is left. */
export type TakenLoad = Pick<SolverStop, 'load' | 'parts'>;

/** Litres of a body whose room nobody stated. */
const UNBOUNDED_L = 1e9;

/** Most a vehicle may hold: kg, litres. */
export function capacityOf({ vehicle }: Pick<Duty, 'vehicle'>): Amounts {
  return [vehicle.capacityKg, vehicle.capacityL ?? UNBOUNDED_L];
}

/** A vehicle that starts with something aboard; one that is said to be full holds all it may. */
export function loadedWith(
  aboard: LoadPart[],
  duty: Duty,
  isFull: boolean,
): { start: Pick<SolverVehicle, 'initialLoad' | 'initialFractions' | 'initialParts'>; parts: LoadPart[] } {
  const rooms = createRooms(duty);
  const parts = aboard.map((part) => rooms.take(part)).filter(({ loadKg, loadL }) => loadKg > 0 || loadL > 0);
  const sum: Amounts = [sumOf(parts, 'loadKg'), sumOf(parts, 'loadL')];
  const initialLoad = isFull ? capacityOf(duty) : sum;
  if (!initialLoad.some((amount) => amount > 0)) return { start: {}, parts: [] };
  const fractions = parts.length > 0 ? parts.map(({ fraction }) => fraction) : [duty.vehicle.fractions[0]!];
  return {
    start: {
      initialLoad,
      initialFractions: fractions.map((fraction) => FRACTIONS.indexOf(fraction)),
      ...(duty.vehicle.compartments && { initialParts: parts.map(solverPart) }),
    },
    parts: isFull ? [{ fraction: fractions[0]!, loadKg: initialLoad[0]!, loadL: initialLoad[1]! }] : parts,
  };
}

/** Expected loads are estimates: a promised stop whose load does not fit takes the room that is left. */
export function clampLoads(locks: Lock[], aboard: LoadPart[], duty: Duty): Map<number, TakenLoad> {
  const loads = new Map<number, TakenLoad>();
  let rooms = createRooms(duty);
  for (const part of aboard) rooms.take(part);
  for (const lock of locks) {
    if (lock.kind === 'disposal') rooms = createRooms(duty);
    else {
      const parts = lock.parts.map((part) => rooms.take(part));
      const load = [sumOf(parts, 'loadKg'), sumOf(parts, 'loadL')];
      loads.set(lock.code, { load, ...(duty.vehicle.compartments && { parts: parts.map(solverPart) }) });
    }
  }
  return loads;
}

/** Keeps count of the room in a vehicle's body and in each of its compartments. */
function createRooms({ vehicle }: Duty): { take(part: LoadPart): LoadPart } {
  const body = capacityOf({ vehicle });
  const parts = (vehicle.compartments ?? []).map(({ fractions, capacityKg, capacityL }) => ({
    fractions,
    room: [capacityKg ?? Infinity, capacityL ?? Infinity] as Amounts,
  }));
  return {
    take({ fraction, loadKg, loadL }) {
      const own = parts.find(({ fractions }) => fractions.includes(fraction))?.room ?? [Infinity, Infinity];
      const taken = [loadKg, loadL].map((amount, k) =>
        Math.max(0, Math.min(Math.round(amount), body[k]!, own[k]!)),
      ) as Amounts;
      for (const room of [body, own]) for (const k of [0, 1]) room[k]! -= taken[k]!;
      return { fraction, loadKg: taken[0], loadL: taken[1] };
    },
  };
}

function sumOf(parts: readonly LoadPart[], name: 'loadKg' | 'loadL'): number {
  return parts.reduce((sum, part) => sum + part[name], 0);
}

function solverPart({ fraction, loadKg, loadL }: LoadPart): { fraction: number; load: number[] } {
  return { fraction: FRACTIONS.indexOf(fraction), load: [loadKg, loadL] };
}
