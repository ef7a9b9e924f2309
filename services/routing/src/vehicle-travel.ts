import type { RoadClosure, Round, Vehicle } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import type { Closure, TravelOptions } from '@ronde/travel';
import { readRoster } from './fleet.ts';
import type { Span } from './shifts.ts';
import { toWallMs } from './zoned-time.ts';

const HALF_HOUR_MS = 30 * 60_000;

/** Says how a vehicle travels at a moment: its measures, the local hour, and what is closed then. */
export function travelOptionsOf(
  vehicle: Vehicle,
  { atMs, timeZone, closures }: { atMs: number; timeZone: string; closures: readonly RoadClosure[] },
): TravelOptions {
  // vehicles that leave within the same half hour share a matrix
  const wall = new Date(toWallMs(timeZone, Math.floor(atMs / HALF_HOUR_MS) * HALF_HOUR_MS));
  return {
    speedKmh: vehicle.speedKmh,
    profile: vehicle.travelProfile,
    dimensions: vehicle.dimensions,
    approach: vehicle.kerbside ? 'kerb' : 'any',
    at: { weekday: wall.getUTCDay() || 7, minute: wall.getUTCHours() * 60 + wall.getUTCMinutes() },
    closures: closures.map(({ geometry }): Closure => ({ geometry })),
  };
}

/** Says how the vehicle of a round travels: as its plan reckoned, from the hour it starts. */
export async function travelOptionsFor(
  round: Round,
  vehicle: Vehicle,
  { registry, tenant }: { registry: Registry; tenant: string },
): Promise<TravelOptions> {
  const span = { startMs: Date.parse(round.startsAt), endMs: Date.parse(round.endsAt) };
  const [closures, { calendar }] = await Promise.all([
    closuresDuring(registry, tenant, span),
    readRoster(registry, tenant),
  ]);
  return travelOptionsOf(vehicle, { atMs: span.startMs, timeZone: calendar.timeZone, closures });
}

/** Reads what is closed at some time in a span. */
export async function closuresDuring(registry: Registry, tenant: string, span: Span): Promise<RoadClosure[]> {
  const all = await registry.roadClosures.all(tenant);
  return all.filter(({ from, to }) => Date.parse(from) < span.endMs && Date.parse(to) > span.startMs);
}
