import type { Plan, Reading, Round, StoredCrewEvent } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import type { RoutingConfig } from './config.ts';
import { readFleet } from './fleet.ts';
import type { Planner } from './planner.ts';
import type { RoundStore } from './round-store.ts';
import { startSchedule } from './schedule.ts';
import { shiftsOf } from './shifts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const FULL = 0.95;
/** A shift that starts this soon is planned together with those under way. */
const LEAD_MS = 90 * MINUTE_MS;
/** A vehicle that had nothing worth driving for is asked again after this long. */
const IDLE_AGAIN_MS = 2 * HOUR_MS;
const LONGEST_SHIFT_MS = 16 * HOUR_MS;

/** Decides when to plan: by schedule, when a shift is open and has no round, and when something changed that matters. */
export interface Triggers {
  start(): Promise<void>;
  /** Tells of new readings: a bin that is full and in no round asks for a plan. */
  readings(readings: Reading[]): void;
  crewEvent(event: StoredCrewEvent, round: Round): void;
  fleetChanged(): Promise<void>;
  stop(): void;
}

/** Gives the triggers, not yet started. */
export function createTriggers(deps: {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  log: Logger;
  rounds: RoundStore;
  planner: Planner;
  config: RoutingConfig;
}): Triggers {
  const { registry, clock, rounds, planner, config, log } = deps;
  const cancels: (() => void)[] = [];
  /** When a vehicle was last part of a plan. */
  const triedMs = new Map<string, number>();
  let lastPlanMs = -Infinity;
  let pending: Plan['cause'] | undefined;
  let planning = false;
  let schedule: { cron: string; stop: () => void } | undefined;

  /** Vehicles on shift now or soon, with the end of their shift. */
  const onShift = async (): Promise<{ id: string; endMs: number }[]> => {
    const { vehicles, calendar } = await readFleet(registry, config.TENANT);
    const nowMs = clock.nowMs();
    return vehicles.flatMap(({ id, ...vehicle }) => {
      const [shift] = shiftsOf({ id, ...vehicle }, calendar, { startMs: nowMs, endMs: nowMs + LEAD_MS });
      return shift ? [{ id, endMs: shift.endMs }] : [];
    });
  };
  /** Plans for all vehicles on shift, or for those named; nothing happens when there are none. */
  const plan = async (cause: Plan['cause'], only?: string[]): Promise<void> => {
    const on = (await onShift()).filter(({ id }) => !only || only.includes(id));
    if (on.length === 0) return;
    const nowMs = clock.nowMs();
    lastPlanMs = nowMs;
    for (const { id } of on) triedMs.set(id, nowMs);
    const toMs = Math.min(Math.max(...on.map(({ endMs }) => endMs)), nowMs + LONGEST_SHIFT_MS);
    const { done } = await planner.request({ cause, fromMs: nowMs, toMs, vehicleIds: on.map(({ id }) => id) });
    await done;
  };
  const planOnce = (cause: Plan['cause'], only?: string[]): void => {
    if (planning) {
      pending ??= cause;
      return;
    }
    planning = true;
    void plan(cause, only)
      .catch((error: unknown) => log.error({ err: error, cause }, 'routing.trigger.fail'))
      .finally(() => (planning = false));
  };

  /** Once a platform minute: end rounds that are over, plan for what waits, and for vehicles that stand idle. */
  const tick = async (): Promise<void> => {
    await rounds.alone(() => rounds.closeOver());
    if (planning || clock.nowMs() - lastPlanMs < config.PLAN_MIN_GAP_MIN * MINUTE_MS) return;
    const cause = pending;
    pending = undefined;
    if (cause) return planOnce(cause);
    const idle = await idleVehicles();
    if (idle.length > 0) planOnce('start', idle);
  };
  /** Vehicles on shift without a round, unless a plan has just found nothing for them. */
  const idleVehicles = async (): Promise<string[]> => {
    const nowMs = clock.nowMs();
    if ((await registry.assets.count(config.TENANT)) === 0) return [];
    return (await onShift())
      .filter(({ id, endMs }) => endMs - nowMs > HOUR_MS && !rounds.openOf(id))
      .filter(({ id }) => nowMs - (triedMs.get(id) ?? -Infinity) > IDLE_AGAIN_MS)
      .map(({ id }) => id);
  };
  const followCalendar = async (): Promise<void> => {
    const { calendar } = await readFleet(registry, config.TENANT);
    const cron = `${calendar.planCron} ${calendar.timeZone}`;
    if (schedule?.cron === cron) return;
    schedule?.stop();
    schedule = { cron, stop: startSchedule(calendar.planCron, { timeZone: calendar.timeZone, clock, fire: () => planOnce('schedule') }) };
  };

  return {
    async start() {
      await followCalendar();
      cancels.push(clock.every(MINUTE_MS, () => void tick().catch((error: unknown) => log.error({ err: error }, 'routing.tick.fail'))));
      const idle = await idleVehicles();
      if (idle.length > 0) planOnce('start', idle);
    },
    readings(readings) {
      const taken = new Set(rounds.open().flatMap(({ stops }) => stops.flatMap(({ assetIds }) => assetIds)));
      const full = readings.some(
        ({ quantity, value, assetId, quality, deviceId }) =>
          quantity === 'fill' && value !== null && value >= FULL && quality !== 'invalid' && quality !== 'suspect' &&
          assetId !== null && !taken.has(assetId) && !deviceId.startsWith('crew-'),
      );
      if (full) pending ??= 'bin-full';
    },
    crewEvent(event) {
      const wholeStop = event.kind === 'full' || event.kind === 'problem' || (event.kind === 'skipped' && event.reason === 'no-time');
      if (wholeStop) pending ??= 'crew-event';
    },
    async fleetChanged() {
      await followCalendar();
      pending ??= 'vehicle-out';
    },
    stop() {
      for (const cancel of cancels) cancel();
      schedule?.stop();
    },
  };
}
