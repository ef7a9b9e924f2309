import type { Round, Stop } from '@ronde/contracts';
import { roundColour } from '../shared/map/round-colour.ts';
import type { RoundDrawing } from '../shared/map/drawings.ts';
import { legsOf } from '../shared/live/round-lines.ts';
import { depots, vehicles } from './state.ts';

const FINISHED: readonly Stop['status'][] = ['done', 'skipped', 'problem'];

export const isFinished = (stop: Stop): boolean => FINISHED.includes(stop.status);

/** Gives a vehicle its colour on map and lane. */
export function vehicleColour(vehicleId: string): string {
  const at = vehicles.value.findIndex(({ id }) => id === vehicleId);
  return roundColour(Math.max(0, at));
}

/** Gives the stop a round is at or goes to next. */
export function nextStop(round: Round): Stop | undefined {
  return round.stops.find((stop) => !isFinished(stop));
}

/** Turns a round into what the map draws. */
export function drawRound(round: Round, isSelected: boolean): RoundDrawing {
  const vehicle = vehicles.value.find(({ id }) => id === round.vehicleId);
  const depot = depots.value.find(({ id }) => id === vehicle?.depotId)?.position;
  const next = nextStop(round);
  return {
    id: round.id,
    colour: vehicleColour(round.vehicleId),
    isSelected,
    ...(depot && { depot }),
    // without its depot the ways from it and home have no end
    legs: depot ? legsOf(round) : legsOf(round).slice(1, -1),
    stops: round.stops.map((stop) => ({
      lat: stop.lat,
      lon: stop.lon,
      label: stop.kind === 'disposal' ? '↓' : String(stop.seq),
      isDone: isFinished(stop),
      isNext: stop.id === next?.id,
    })),
  };
}
