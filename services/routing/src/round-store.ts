import type { Round, RoundChange } from '@ronde/contracts';
import { newId, type Clock } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import { isEnded } from './committed.ts';
import { createSerial } from './serial.ts';

/** Rounds that crews can still work on, in memory and in the registry; every change passes here, one at a time. */
export interface RoundStore {
  load(): Promise<void>;
  /** Open rounds: published or active. */
  open(): Round[];
  openOf(vehicleId: string): Round | undefined;
  get(id: string): Promise<Round | undefined>;
  /** Saves and announces a round; a version higher than before is kept for audit with its changes. */
  save(round: Round, changes: RoundChange[]): Promise<void>;
  /** Runs a change of rounds alone, so that a plan and a crew event never overwrite each other. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Ends rounds whose work is done or whose time is over. */
  closeOver(): Promise<Round[]>;
}

// A crew that is late still finishes its round
const GRACE_MS = 60 * 60_000;

/** Gives the store of open rounds. */
export function createRoundStore(deps: { registry: Registry; bus: Bus; clock: Clock; tenant: string }): RoundStore {
  const { registry, bus, clock, tenant } = deps;
  const rounds = new Map<string, Round>();
  const versions = new Map<string, number>();
  const serial = createSerial();

  const save = async (round: Round, changes: RoundChange[]): Promise<void> => {
    if ((versions.get(round.id) ?? 0) < round.version) {
      const record = { id: newId('rv', clock.nowMs()), roundId: round.id, version: round.version, at: clock.iso(), round, changes };
      await registry.roundVersions.put(tenant, record);
      versions.set(round.id, round.version);
    }
    await registry.rounds.put(tenant, round);
    if (isOpen(round)) rounds.set(round.id, round);
    else rounds.delete(round.id);
    await bus.publish('round.published', { tenant, round, changes });
  };

  return {
    async load() {
      for (const round of await registry.rounds.all(tenant, { status: ['published', 'active'] })) {
        rounds.set(round.id, round);
        versions.set(round.id, round.version);
      }
    },
    open: () => [...rounds.values()],
    openOf: (vehicleId) => [...rounds.values()].find((round) => round.vehicleId === vehicleId),
    get: async (id) => rounds.get(id) ?? (await registry.rounds.get(tenant, id)),
    save,
    alone: (work) => serial.run(work),
    async closeOver() {
      const over = [...rounds.values()].filter(
        (round) => round.stops.every(isEnded) || Date.parse(round.endsAt) + GRACE_MS < clock.nowMs(),
      );
      for (const round of over) await save({ ...round, status: 'done' }, []);
      return over;
    },
  };
}

function isOpen(round: Round): boolean {
  return round.status === 'published' || round.status === 'active';
}
