import type { LoadPart, Round, RoundChange } from '@ronde/contracts';
import type { Clock } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import { aboardOf, isEnded } from './committed.ts';
import { createSerial } from './serial.ts';
import type { Span } from './shifts.ts';

/** A new version of a round with its changes against the one before, or, without `changes`, progress of the same version. */
export interface RoundUpdate {
  round: Round;
  changes?: RoundChange[];
}

/** Rounds that crews can still work on, in memory and in the registry; every change passes here, one at a time. */
export interface RoundStore {
  load(): Promise<void>;
  /** Open rounds: published or active. */
  open(): Round[];
  /** The open round of a vehicle's shift: one that starts in it. */
  openIn(vehicleId: string, shift: Span): Round | undefined;
  get(id: string): Promise<Round | undefined>;
  /** What the last round of a vehicle left aboard when it ended, for its next one to tip. */
  leftAboard(vehicleId: string): LoadPart[];
  /** Saves all or none, then announces each; every version is kept for audit with its changes. */
  save(updates: RoundUpdate[]): Promise<void>;
  /** Runs a change of rounds alone, so that a plan and a crew event never overwrite each other. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Ends rounds whose work is done or whose time is over. */
  closeOver(): Promise<Round[]>;
}

// A crew that is late still finishes its round
const GRACE_MS = 60 * 60_000;
/** Rounds of a vehicle that are looked at for the last one that ended. */
const RECENT = 10;

/** Gives the store of open rounds. */
export function createRoundStore(deps: { registry: Registry; bus: Bus; clock: Clock; tenant: string }): RoundStore {
  const { registry, bus, clock, tenant } = deps;
  const rounds = new Map<string, Round>();
  const serial = createSerial();
  const left = new Map<string, LoadPart[]>();

  const save = async (updates: RoundUpdate[]): Promise<void> => {
    if (updates.length === 0) return;
    // the id names the version: a save that is tried again after a fault writes the same record
    const records = updates.flatMap(({ round, changes }) =>
      changes
        ? [{ id: versionId(round), roundId: round.id, version: round.version, at: clock.iso(), round, changes }]
        : [],
    );
    await registry.roundVersions.putAll(tenant, records);
    await registry.rounds.putAll(
      tenant,
      updates.map(({ round }) => round),
    );
    for (const { round } of updates) {
      if (isOpen(round)) rounds.set(round.id, round);
      else {
        rounds.delete(round.id);
        left.set(round.vehicleId, round.leftAboard ?? []);
      }
    }
    for (const { round, changes = [] } of updates) await bus.publish('round.published', { tenant, round, changes });
  };

  return {
    async load() {
      for (const round of await registry.rounds.all(tenant, { status: ['published', 'active'] }))
        rounds.set(round.id, round);
      for (const { id } of await registry.vehicles.all(tenant)) {
        const { items } = await registry.rounds.list(tenant, {
          limit: RECENT,
          where: { vehicleId: id },
          descending: true,
        });
        left.set(id, items.find((round) => !isOpen(round))?.leftAboard ?? []);
      }
    },
    leftAboard: (vehicleId) => left.get(vehicleId) ?? [],
    open: () => [...rounds.values()],
    openIn: (vehicleId, { startMs, endMs }) =>
      [...rounds.values()].find(
        (round) =>
          round.vehicleId === vehicleId && Date.parse(round.startsAt) >= startMs && Date.parse(round.startsAt) < endMs,
      ),
    get: async (id) => rounds.get(id) ?? (await registry.rounds.get(tenant, id)),
    save,
    alone: (work) => serial.run(work),
    async closeOver() {
      const over = [...rounds.values()].filter(
        (round) => round.stops.every(isEnded) || Date.parse(round.endsAt) + GRACE_MS < clock.nowMs(),
      );
      const closed = over.map((round): Round => ({ ...round, status: 'done', ...remainderOf(round) }));
      await save(closed.map((round) => ({ round })));
      return closed;
    },
  };
}

/** What is aboard at the end; a tip that was still to come is taken to be done by a crew that did not say so. */
function remainderOf(round: Round): Pick<Round, 'leftAboard'> {
  if (round.stops.some((stop) => stop.kind === 'disposal' && !isEnded(stop))) return {};
  const leftAboard = aboardOf(round, 'residual');
  return leftAboard.length > 0 ? { leftAboard } : {};
}

function versionId({ id, version }: Round): string {
  const suffix = `-v${version}`;
  return `${id.slice(0, 64 - suffix.length)}${suffix}`;
}

function isOpen(round: Round): boolean {
  return round.status === 'published' || round.status === 'active';
}
