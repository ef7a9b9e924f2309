import type { CrewStatus, Round, StopStatus } from '@ronde/contracts';
import type { Cancel } from '@ronde/kit';
import type { LiveDeps } from './live.ts';
import type { LiveHub } from './live-hub.ts';

/** Numbers that the strip shows of the rounds. */
export interface RoundTotals {
  stopsDone: number;
  stopsPlanned: number;
  distanceM: number;
}

const FINISHED: StopStatus[] = ['done', 'skipped', 'problem'];
const ENDED_LOOKED_AT = 100;
/** Rounds that ended stay in view this long, platform time. */
const SHOWN_AFTER_END_MS = 12 * 3_600_000;

/** Fills the topics `rounds` and `crews`. */
export async function openRoundsFeed(
  tenant: string,
  hub: LiveHub,
  deps: LiveDeps,
): Promise<{ end: Cancel; totals: () => RoundTotals }> {
  const { registry, bus, clock } = deps;
  const rounds = new Map<string, Round>();
  const lastSeen = new Map<string, string>();
  const seenVersions = new Map<string, number>();
  const show = (round: Round): void => {
    rounds.set(round.id, round);
    hub.channel('rounds').set(round.id, round);
    for (const old of rounds.values()) if (isOver(old, clock.nowMs())) forget(old.id);
    showCrew(round.vehicleId);
  };
  const forget = (id: string): void => {
    rounds.delete(id);
    seenVersions.delete(id);
    hub.channel('rounds').remove(id);
  };
  const showCrew = (vehicleId: string): void => {
    const current = currentRound([...rounds.values()].filter((round) => round.vehicleId === vehicleId));
    const seen = {
      lastSeenAt: lastSeen.get(vehicleId) ?? null,
      seenVersion: (current && seenVersions.get(current.id)) ?? null,
    };
    if (current) hub.channel('crews').set(vehicleId, statusOf(current, seen));
    else hub.channel('crews').remove(vehicleId);
  };
  const ends = [
    bus.on('round.published', (event) => {
      if (event.tenant !== tenant) return;
      show(event.round);
      hub.touch();
    }),
    bus.on('round.seen', ({ tenant: of, roundId, version }) => {
      const round = of === tenant ? rounds.get(roundId) : undefined;
      if (!round) return;
      seenVersions.set(roundId, version);
      showCrew(round.vehicleId);
      hub.touch();
    }),
    bus.on('crew-event.stored', (event) => {
      if (event.tenant !== tenant) return;
      lastSeen.set(event.event.vehicleId, event.event.receivedAt);
      showCrew(event.event.vehicleId);
      hub.touch();
    }),
  ];
  for (const round of await roundsInView(tenant, deps)) {
    const newest = await registry.crewEvents.list(tenant, { limit: 1, where: { roundId: round.id }, descending: true });
    const view = await registry.roundViews.get(tenant, round.id);
    if (view) seenVersions.set(round.id, view.version);
    if (newest.items[0]) lastSeen.set(round.vehicleId, newest.items[0].receivedAt);
    // an event during the reading is newer than what was read
    if (!rounds.has(round.id)) show(round);
  }
  return { end: () => ends.forEach((end) => end()), totals: () => totalsOf([...rounds.values()]) };
}

/** Rounds to come and under way, and those that ended lately. */
async function roundsInView(tenant: string, { registry, clock }: LiveDeps): Promise<Round[]> {
  const running = await registry.rounds.all(tenant, { status: ['published', 'active'] });
  const ended = await registry.rounds.list(tenant, {
    limit: ENDED_LOOKED_AT,
    where: { status: 'done' },
    descending: true,
  });
  return [...running, ...ended.items.filter((round) => !isOver(round, clock.nowMs()))];
}

function isOver(round: Round, nowMs: number): boolean {
  return (
    (round.status === 'done' || round.status === 'cancelled') && Date.parse(round.endsAt) + SHOWN_AFTER_END_MS < nowMs
  );
}

/** The round a vehicle is on: the active one, else the next, else the last. */
function currentRound(rounds: Round[]): Round | undefined {
  const byStart = rounds
    .filter((round) => round.status !== 'cancelled')
    .sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  return byStart.find((r) => r.status === 'active') ?? byStart.find((r) => r.status === 'published') ?? byStart.at(-1);
}

function statusOf(round: Round, seen: Pick<CrewStatus, 'lastSeenAt' | 'seenVersion'>): CrewStatus {
  const { stopsDone, stopsPlanned } = totalsOf([round]);
  return {
    vehicleId: round.vehicleId,
    crewId: round.crewId,
    roundId: round.id,
    status: round.status,
    stopsDone,
    stopsPlanned,
    ...seen,
  };
}

function totalsOf(rounds: Round[]): RoundTotals {
  const running = rounds.filter((round) => round.status !== 'cancelled');
  const stops = running.flatMap((round) => round.stops).filter((stop) => stop.kind === 'asset');
  return {
    stopsDone: stops.filter((stop) => FINISHED.includes(stop.status)).length,
    stopsPlanned: stops.length,
    distanceM: running.reduce((sum, round) => sum + round.distanceM, 0),
  };
}
