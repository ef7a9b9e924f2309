import type { CrewEvent, Stop, StopConflict, StopStatus } from '@ronde/contracts';
import { isEnded } from './committed.ts';

/** Status that an event gives a stop, or one asset of it. */
const STATUS_AFTER = {
  arrived: 'arrived',
  emptied: 'done',
  skipped: 'skipped',
  declined: 'skipped',
  problem: 'problem',
  full: undefined,
  rested: undefined,
} as const satisfies Record<CrewEvent['kind'], StopStatus | undefined>;
/** Two emptyings this far apart are two visits, or one that somebody imagined. */
const SAME_VISIT_MS = 10 * 60_000;

/** Puts events in the order in which they happened, whenever they arrived; equal moments by id. */
export function byDeviceTime(a: CrewEvent, b: CrewEvent): number {
  return Date.parse(a.deviceAt) - Date.parse(b.deviceAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/**
 * Makes a stop of all events about it, in the order of the tablets' clocks: whichever tablet was offline, and in whatever
 * order they arrive, the stop is the same. What contradicts it is kept beside it, never lost.
 */
export function mergeStop(stop: Stop, events: readonly CrewEvent[]): Stop {
  const { arrivedAt: _a, endedAt: _e, ended: _g, conflicts: _c, ...plain } = stop;
  return events.toSorted(byDeviceTime).reduce(advanceStop, { ...plain, status: 'planned' });
}

/** Late "arrived" never reopens an ended stop; a stop once emptied stays emptied, and a skipped one may still be done. */
export function advanceStop(stop: Stop, event: CrewEvent): Stop {
  const to = STATUS_AFTER[event.kind];
  if (to === undefined) return stop;
  const against = contradictionOf(stop, event);
  if (against) return withConflict(stop, event, against);
  if (stop.status === 'done') return stop;
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

type Contradiction = Pick<StopConflict, 'code' | 'emptiedAt'>;

/** Says against what an event speaks, if it does: a skip of what was emptied, or a second emptying long after. */
function contradictionOf(stop: Stop, event: CrewEvent): Contradiction | undefined {
  const own = event.assetId === undefined ? undefined : stop.ended?.find(({ assetId }) => assetId === event.assetId);
  const isDone = own ? own.status === 'done' : stop.status === 'done';
  if (!isDone) return undefined;
  const since = stop.endedAt;
  const emptiedAt = since !== undefined && { emptiedAt: since };
  if (event.kind === 'skipped' || event.kind === 'declined') return { code: 'emptied-before', ...emptiedAt };
  const isAgain = event.kind === 'emptied' && since !== undefined && event.assetId === undefined;
  return isAgain && Date.parse(event.deviceAt) - Date.parse(since) >= SAME_VISIT_MS
    ? { code: 'emptied-again', ...emptiedAt }
    : undefined;
}

function withConflict(stop: Stop, event: CrewEvent, against: Contradiction): Stop {
  // a repeat of an event that was half stored says nothing new
  if (stop.conflicts?.some(({ eventId }) => eventId === event.id)) return stop;
  const said = `${event.kind}${event.reason ? ` (${event.reason})` : ''} at ${time(event.deviceAt)}`;
  const conflict: StopConflict = {
    eventId: event.id,
    kind: event.kind,
    ...(event.reason && { reason: event.reason }),
    deviceAt: event.deviceAt,
    ...against,
    text: `${said}, but ${sayAgainst(against)}: the stop stays ${stop.status}`,
  };
  return { ...stop, conflicts: [...(stop.conflicts ?? []), conflict] };
}

function sayAgainst({ code, emptiedAt }: Contradiction): string {
  const when = emptiedAt === undefined ? 'emptied' : `emptied at ${time(emptiedAt)}`;
  return code === 'emptied-again' ? `${when} already` : when;
}

function time(at: string): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
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
