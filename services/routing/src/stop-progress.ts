import type { CrewEvent, Round, Stop, StopStatus } from '@ronde/contracts';
import { isEnded } from './committed.ts';

/** Status that an event gives a stop, or one asset of it. */
const STATUS_AFTER = {
  arrived: 'arrived',
  emptied: 'done',
  skipped: 'skipped',
  declined: 'skipped',
  problem: 'problem',
  full: undefined,
} as const satisfies Record<CrewEvent['kind'], StopStatus | undefined>;
/** Two versions of an ETA closer than this are the same to a crew. */
const SAME_ETA_MS = 60_000;
const LARGEST_SHIFT_MS = 3 * 3_600_000;

/**
 * Moves a round on by one event, in whatever order events come; the version stays, since the plan did not change.
 * @returns the round itself when the event changes nothing
 */
export function advanceRound(round: Round, event: CrewEvent): Round {
  const before = round.stops.find(({ id }) => id === event.stopId);
  if (event.kind === 'full') {
    const isVehicle = event.assetId === undefined;
    return isVehicle && !round.vehicleFull ? { ...round, vehicleFull: true } : round;
  }
  const after = before && advanceStop(before, event);
  if (!before || !after || after === before) return round;
  const stops = shiftEtas(
    round.stops.map((stop) => (stop === before ? after : stop)),
    before,
    after,
  );
  const emptied = after.kind === 'disposal' && after.status === 'done';
  return {
    ...round,
    stops,
    status: round.status === 'published' ? 'active' : round.status,
    endsAt: endsAtOf(round, stops),
    ...(round.vehicleFull && { vehicleFull: !emptied }),
  };
}

/** Late "arrived" never reopens an ended stop; a stop once emptied stays emptied, and a skipped one may still be done. */
function advanceStop(stop: Stop, event: CrewEvent): Stop {
  const to = STATUS_AFTER[event.kind];
  if (to === undefined || stop.status === 'done') return stop;
  if (to === 'arrived') return stop.status === 'planned' ? { ...stop, status: to, arrivedAt: event.deviceAt } : stop;
  const whole = stop.assetIds.length < 2 || event.assetId === undefined;
  const ended = whole ? (stop.ended ?? []) : endAsset(stop, event.assetId!, to);
  const status = whole ? outcomeOf([to, ...ended.map((asset) => asset.status)]) : groupStatus(stop, ended);
  return {
    ...stop,
    status,
    ...(ended.length > 0 && { ended }),
    ...(status === 'arrived' ? { arrivedAt: stop.arrivedAt ?? event.deviceAt } : { endedAt: event.deviceAt }),
  };
}

function endAsset(stop: Stop, assetId: string, status: StopStatus): NonNullable<Stop['ended']> {
  const others = (stop.ended ?? []).filter((asset) => asset.assetId !== assetId);
  const known = stop.ended?.find((asset) => asset.assetId === assetId);
  return [...others, known?.status === 'done' ? known : { assetId, status }];
}

/** A stop with several assets is over when the work at each of them is. */
function groupStatus(stop: Stop, ended: NonNullable<Stop['ended']>): StopStatus {
  const statuses = ended.map(({ status }) => status);
  if (isEnded(stop)) return outcomeOf([...statuses, stop.status]);
  return stop.assetIds.every((id) => ended.some(({ assetId }) => assetId === id)) ? outcomeOf(statuses) : 'arrived';
}

function outcomeOf(statuses: StopStatus[]): StopStatus {
  return statuses.includes('done') ? 'done' : statuses.includes('problem') ? 'problem' : 'skipped';
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
