import type { Plan, Reading, StoredCrewEvent } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { RoutingConfig } from './config.ts';
import { currentEnds, fallenRounds } from './duties.ts';
import { readRoster } from './fleet.ts';
import type { Planner } from './planner.ts';
import type { RoundStore } from './round-store.ts';
import { startSchedule } from './schedule.ts';
import { shiftsOf, type Span } from './shifts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const FULL = 0.95;
const EMPTIER = 0.85;
/** A shift that starts this soon is planned together with those under way. */
const LEAD_MS = 90 * MINUTE_MS;
/** A shift without a round asks for one this long before it starts, in case no schedule did. */
const IDLE_LEAD_MS = 10 * MINUTE_MS;
/** A shift in which nothing was worth driving for is asked again after this long. */
const IDLE_AGAIN_MS = 2 * HOUR_MS;
/** A crew that cannot go on does not wait for the usual gap between plans. */
const URGENT_GAP_MS = 2 * MINUTE_MS;
/** A round that will end this long after its shift, or whose next stop is this overdue without a word, is late. */
const LATE_MS = 15 * MINUTE_MS;
/** A late round asks again after this long. */
const LATE_AGAIN_MS = 30 * MINUTE_MS;
const LONGEST_SHIFT_MS = 16 * HOUR_MS;

/** Decides when to plan: by schedule, when a shift is open and has no round, and when something changed that matters. */
export interface Triggers {
  start(): Promise<void>;
  /** Tells of new readings: a bin that is full and in no round asks for a plan. */
  readings(readings: Reading[]): void;
  crewEvent(event: StoredCrewEvent): void;
  fleetChanged(): Promise<void>;
  /** Asks for a plan as soon as the gap between urgent ones is over. */
  ask(cause: Plan['cause']): void;
  stop(): void;
}

interface Wish {
  cause: Plan['cause'];
  urgent: boolean;
}
interface OnShift {
  id: string;
  shift: Span;
}

/** Gives the triggers, not yet started. */
export function createTriggers(deps: {
  registry: Registry;
  clock: Clock;
  log: Logger;
  rounds: RoundStore;
  planner: Pick<Planner, 'request'>;
  config: RoutingConfig;
}): Triggers {
  const { registry, clock, rounds, planner, config, log } = deps;
  const cancels: (() => void)[] = [];
  /** When a shift was last part of a plan, by vehicle and start. */
  const triedMs = new Map<string, number>();
  const full = new Set<string>();
  /** When a late round last asked, by its id. */
  const lateMs = new Map<string, number>();
  let lastPlanMs = -Infinity;
  let wish: Wish | undefined;
  let isStarted = false;
  let planning = false;
  let ticking = false;
  let schedule: { cron: string; stop: () => void } | undefined;

  const want = (cause: Plan['cause'], urgent = false): void => {
    wish = { cause: wish?.cause ?? cause, urgent: urgent || (wish?.urgent ?? false) };
    if (urgent && isStarted) tickOnce();
  };
  /** A bin asks once, when it becomes full; one that stays full (no vehicle, a stuck sensor) does not ask with every reading. */
  const isNews = (reading: Reading): boolean => {
    if (!isSoundFill(reading)) return false;
    if (reading.value! < EMPTIER) full.delete(reading.assetId!);
    if (reading.value! < FULL || full.has(reading.assetId!)) return false;
    full.add(reading.assetId!);
    return true;
  };
  /** Shifts open now or soon. */
  const onShift = async (): Promise<OnShift[]> => {
    const { vehicles, calendar } = await readRoster(registry, config.TENANT);
    const nowMs = clock.nowMs();
    return vehicles.flatMap((vehicle) =>
      shiftsOf(vehicle, calendar, { startMs: nowMs, endMs: nowMs + LEAD_MS }).map((shift) => ({
        id: vehicle.id,
        shift,
      })),
    );
  };
  /** Plans for all shifts open now or soon, or for those of the vehicles named; nothing happens when there are none. */
  const plan = async (cause: Plan['cause'], only?: string[]): Promise<void> => {
    const on = (await onShift()).filter(({ id }) => !only || only.includes(id));
    if (on.length === 0) return;
    const nowMs = clock.nowMs();
    lastPlanMs = nowMs;
    for (const key of on.map(keyOf)) triedMs.set(key, nowMs);
    const toMs = Math.min(Math.max(...on.map(({ shift }) => shift.endMs)), nowMs + LONGEST_SHIFT_MS);
    const { done } = await planner.request({
      cause,
      fromMs: nowMs,
      toMs,
      vehicleIds: [...new Set(on.map(({ id }) => id))],
    });
    // a plan that failed is no answer: the shift may ask again after the usual gap
    if ((await done).status === 'failed') for (const key of on.map(keyOf)) triedMs.delete(key);
  };
  const planOnce = (cause: Plan['cause'], only?: string[]): void => {
    if (planning) return want(cause);
    planning = true;
    void plan(cause, only)
      .catch((error: unknown) => log.error({ err: error, cause }, 'routing.trigger.fail'))
      .finally(() => (planning = false));
  };

  /** Once a platform minute: end rounds that are over, plan for what waits, and for shifts that stand idle. */
  const tick = async (): Promise<void> => {
    await rounds.alone(() => rounds.closeOver());
    const late = await lateRounds();
    if (late.length > 0 && !wish) wish = { cause: 'vehicle-late', urgent: true };
    const gapMs = wish?.urgent ? URGENT_GAP_MS : config.PLAN_MIN_GAP_MIN * MINUTE_MS;
    if (planning || clock.nowMs() - lastPlanMs < gapMs) return;
    const cause = wish?.cause;
    wish = undefined;
    for (const id of late) lateMs.set(id, clock.nowMs());
    if (cause) return planOnce(cause);
    const idle = await idleVehicles();
    if (idle.length > 0) planOnce('start', idle);
  };
  /** Rounds under way that a new plan can help: too late for their shift, or silent past their next stop. */
  const lateRounds = async (): Promise<string[]> => {
    const nowMs = clock.nowMs();
    const running = rounds.open().filter(({ status }) => status === 'active');
    for (const id of [...lateMs.keys()]) if (!running.some((round) => round.id === id)) lateMs.delete(id);
    if (running.length === 0) return [];
    const ends = currentEnds(await readRoster(registry, config.TENANT), nowMs);
    return running
      .filter((round) => nowMs - (lateMs.get(round.id) ?? -Infinity) >= LATE_AGAIN_MS)
      .filter((round) => {
        const endMs = ends.get(round.vehicleId);
        const next = round.stops.find(({ status }) => status === 'planned');
        const isSilent = next !== undefined && nowMs - Date.parse(next.eta) >= LATE_MS;
        return endMs !== undefined && (Date.parse(round.endsAt) - endMs >= LATE_MS || isSilent);
      })
      .map(({ id }) => id);
  };
  /** Vehicles with a shift that has no round, unless a plan has just found nothing for it. */
  const idleVehicles = async (): Promise<string[]> => {
    const nowMs = clock.nowMs();
    for (const [key, ms] of triedMs) if (nowMs - ms > IDLE_AGAIN_MS) triedMs.delete(key);
    const idle = (await onShift()).filter(
      (on) =>
        on.shift.startMs - nowMs <= IDLE_LEAD_MS &&
        on.shift.endMs - nowMs > HOUR_MS &&
        !rounds.openIn(on.id, on.shift) &&
        !triedMs.has(keyOf(on)),
    );
    if (idle.length === 0 || (await registry.assets.count(config.TENANT)) === 0) return [];
    return idle.map(({ id }) => id);
  };
  const followCalendar = async (): Promise<void> => {
    const { calendar } = await readRoster(registry, config.TENANT);
    const cron = `${calendar.planCron} ${calendar.timeZone}`;
    if (schedule?.cron === cron) return;
    schedule?.stop();
    schedule = {
      cron,
      stop: startSchedule(calendar.planCron, { timeZone: calendar.timeZone, clock, fire: () => planOnce('schedule') }),
    };
  };
  /** A tick that takes longer than a minute is not joined by the next. */
  const tickOnce = (): void => {
    if (ticking) return;
    ticking = true;
    void tick()
      .catch((error: unknown) => log.error({ err: error }, 'routing.tick.fail'))
      .finally(() => (ticking = false));
  };

  return {
    async start() {
      await followCalendar();
      isStarted = true;
      cancels.push(clock.every(MINUTE_MS, tickOnce));
      const idle = await idleVehicles();
      if (idle.length > 0) planOnce('start', idle);
    },
    readings(readings) {
      const news = readings.filter(isNews);
      if (news.length === 0) return;
      const taken = new Set(rounds.open().flatMap(({ stops }) => stops.flatMap(({ assetIds }) => assetIds)));
      if (news.some(({ assetId }) => !taken.has(assetId!))) want('bin-full');
    },
    crewEvent({ kind, reason, assetId }) {
      if (kind === 'full' && assetId === undefined) want('vehicle-full', true);
      else if (kind === 'declined') want('crew-declined', true);
      // a bin found empty gives time back, but too little to move anybody for
      else if (
        kind === 'full' ||
        kind === 'problem' ||
        kind === 'rested' ||
        (kind === 'skipped' && reason !== 'not-full')
      )
        want('crew-event');
    },
    async fleetChanged() {
      await followCalendar();
      const isOut = fallenRounds(await readRoster(registry, config.TENANT), rounds).length > 0;
      want('vehicle-out', isOut);
    },
    ask: (cause) => want(cause, true),
    stop() {
      isStarted = false;
      for (const cancel of cancels) cancel();
      schedule?.stop();
    },
  };
}

function keyOf({ id, shift }: OnShift): string {
  return `${id}@${shift.startMs}`;
}

function isSoundFill({ quantity, value, assetId, quality, deviceId }: Reading): boolean {
  return (
    quantity === 'fill' &&
    value !== null &&
    quality !== 'invalid' &&
    quality !== 'suspect' &&
    assetId !== null &&
    !deviceId.startsWith('crew-')
  );
}
