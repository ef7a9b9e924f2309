import type { Incident, Round } from '@ronde/contracts';
import { newId, type Clock } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';

/** Tells operators of loads that stand in vehicles which fell out, until they are tipped. */
export interface StrandedLoads {
  /** Takes note of a round that was saved. */
  noteRound(round: Round): Promise<void>;
}

const KIND = 'vehicle-out';

/** Gives the keeper of incidents about stranded loads: one for each round that ended with something aboard. */
export function createStrandedLoads(deps: {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  tenant: string;
}): StrandedLoads {
  const { registry, bus, clock, tenant } = deps;
  const put = async (incident: Incident): Promise<void> => {
    await registry.incidents.put(tenant, incident);
    await bus.publish('incident.changed', { tenant, incident });
  };
  const known = (): Promise<Incident[]> =>
    registry.incidents.all(tenant, { kind: KIND, status: ['open', 'acknowledged', 'shelved'] });

  /** A vehicle that may park loaded is well; one that is not available has broken down. */
  const raise = async (round: Round): Promise<void> => {
    const vehicle = await registry.vehicles.get(tenant, round.vehicleId);
    if (vehicle?.available || (await known()).some(({ roundId }) => roundId === round.id)) return;
    const load = round.leftAboard!.map(({ fraction, loadKg }) => `${Math.round(loadKg)} kg ${fraction}`).join(', ');
    await put({
      id: newId('inc', clock.nowMs()),
      kind: KIND,
      status: 'open',
      roundId: round.id,
      openedAt: clock.iso(),
      updatedAt: clock.iso(),
      text: `${vehicle?.name ?? round.vehicleId} fell out with ${load} aboard: its next round tips it`,
    });
  };
  const resolve = async ({ vehicleId }: Round): Promise<void> => {
    for (const incident of await known()) {
      const round = incident.roundId && (await registry.rounds.get(tenant, incident.roundId));
      if (!round || round.vehicleId !== vehicleId || !round.leftAboard) continue;
      await put({ ...incident, status: 'resolved', updatedAt: clock.iso() });
    }
  };
  return {
    async noteRound(round) {
      if (round.leftAboard?.length) await raise(round);
      const isTipped = round.stops.some((stop) => stop.kind === 'disposal' && stop.status === 'done');
      if (round.aboardAtStart?.length && isTipped) await resolve(round);
    },
  };
}
