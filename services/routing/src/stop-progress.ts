import type { CrewEvent, Round, Stop } from '@ronde/contracts';
import { isEnded } from './committed.ts';
import { advanceStop, mergeStop } from './stop-merge.ts';

/** Two versions of an ETA closer than this are the same to a crew. */
const SAME_ETA_MS = 60_000;
const LARGEST_SHIFT_MS = 3 * 3_600_000;
/** A crew that does not say how long its break was had one of the length that the law asks for first. */
const DEFAULT_REST_S = 1_800;

/**
 * Moves a round on by one event, in whatever order events come; the version stays, since the plan did not change. A stop
 * that ends comes behind those that ended before it, so that what is executed is always the round's first part.
 * @param earlier what is known of the stop already, so that late events fall into place by the tablet's time
 * @returns the round itself when the event changes nothing
 */
export function advanceRound(given: Round, event: CrewEvent, earlier: readonly CrewEvent[] = []): Round {
  const round = withCharge(given, event);
  const before = round.stops.find(({ id }) => id === event.stopId);
  if (event.kind === 'full') {
    const isVehicle = event.assetId === undefined;
    return isVehicle && !round.vehicleFull ? { ...round, vehicleFull: true } : round;
  }
  if (event.kind === 'rested') return withRest(round, event);
  const after = before && (earlier.length > 0 ? mergeStop(before, [...earlier, event]) : advanceStop(before, event));
  if (!before || !after || JSON.stringify(after) === JSON.stringify(before)) return round;
  const stops = shiftEtas(
    round.stops.map((stop) => (stop === before ? after : stop)),
    before,
    after,
  );
  const emptied = after.kind === 'disposal' && after.status === 'done';
  return {
    ...round,
    stops: isEnded(after) && !isEnded(before) ? behindExecuted(stops, after) : stops,
    status: round.status === 'published' ? 'active' : round.status,
    endsAt: endsAtOf(round, stops),
    ...(round.vehicleFull && { vehicleFull: !emptied }),
  };
}

/** The state of charge that an event tells along the way; the newest counts. */
function withCharge(round: Round, { charge, deviceAt }: CrewEvent): Round {
  if (charge === undefined || Date.parse(round.charge?.at ?? '1970-01-01T00:00:00Z') >= Date.parse(deviceAt))
    return round;
  return { ...round, charge: { level: charge, at: deviceAt } };
}

/** A break that the crew is back from takes the place of the one planned there, however late it began; else of the next one planned. */
function withRest(round: Round, { stopId, deviceAt, restedS = DEFAULT_REST_S }: CrewEvent): Round {
  const stop = round.stops.find(({ id }) => id === stopId);
  const startsAt = iso(Date.parse(deviceAt) - restedS * 1000);
  const known = round.breaks ?? [];
  if (!stop || known.some((rest) => rest.taken && rest.startsAt === startsAt)) return round;
  const place = isEnded(stop) ? 'after' : 'before';
  const open = known.filter(({ taken }) => !taken);
  const next =
    open.find((rest) => rest.stopId === stopId && rest.place === place) ??
    open.find(({ endsAt }) => Date.parse(endsAt) > Date.parse(startsAt));
  const had = { startsAt, endsAt: deviceAt, stopId, place, taken: true } as const;
  const breaks = [...known.filter((rest) => rest !== next), had];
  return { ...round, breaks: breaks.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt)) };
}

function behindExecuted(stops: Stop[], ended: Stop): Stop[] {
  const others = stops.filter(({ id }) => id !== ended.id);
  const executed = others.filter(isEnded);
  const own = stops.find(({ id }) => id === ended.id)!;
  const ordered = [...executed, own, ...others.filter((stop) => !isEnded(stop))];
  return ordered.map((stop, place) => (stop.seq === place + 1 ? stop : { ...stop, seq: place + 1 }));
}

/**
 * Carries the crew's lead or delay over to the stops ahead, so that ETAs stay true between plans. An early arrival says
 * nothing yet (the place may have to open first); an early end does.
 */
function shiftEtas(stops: Stop[], before: Stop, after: Stop): Stop[] {
  const shiftMs = shiftOf(before, after);
  if (Math.abs(shiftMs) < SAME_ETA_MS || Math.abs(shiftMs) > LARGEST_SHIFT_MS) return stops;
  const behind = stops.findIndex(({ id }) => id === after.id);
  // a stop taken out of turn says little about those that wait before it
  if (stops.slice(0, behind).some((stop) => !isEnded(stop))) return stops;
  return stops.map((stop, index) => {
    if (index <= behind || isEnded(stop) || stop.status === 'arrived') return stop;
    const etaMs = Date.parse(stop.eta) + shiftMs;
    // a place that opens later waits for nobody
    return { ...stop, eta: iso(stop.opensAt ? Math.max(etaMs, Date.parse(stop.opensAt)) : etaMs) };
  });
}

function shiftOf(before: Stop, after: Stop): number {
  const etaMs = Date.parse(before.eta);
  const serviceMs = (before.serviceS ?? 0) * 1000;
  const lateMs = (stop: Stop): number => Math.max(0, Date.parse(stop.arrivedAt ?? stop.eta) - etaMs);
  if (after.status === 'arrived') return before.status === 'arrived' ? 0 : lateMs(after);
  if (isEnded(before)) return 0;
  // what its arrival has already moved
  const told = before.status === 'arrived' ? lateMs(before) : 0;
  return Date.parse(after.endedAt!) - (etaMs + serviceMs) - told;
}

/** The end of a round moves with its last stop. */
function endsAtOf(round: Round, stops: Stop[]): string {
  const [was, is] = [round.stops.at(-1), stops.at(-1)];
  return was && is ? iso(Date.parse(round.endsAt) + Date.parse(is.eta) - Date.parse(was.eta)) : round.endsAt;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
