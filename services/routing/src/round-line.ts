import { RoundLine, type Round } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import type { Travel } from '@ronde/travel';
import { travelOptionsFor } from './vehicle-travel.ts';

/** Gives the streets that a round runs over. */
export interface RoundLines {
  of(round: Round): Promise<RoundLine>;
}

/** Lines kept: a screen that shows all rounds of a day asks for each again and again. */
const MOST_KEPT = 100;

/** Gives the lines of rounds by travel; those asked for last are kept by version and order: crews change that on the way. */
export function createRoundLines({
  registry,
  travel,
  tenant,
}: {
  registry: Registry;
  travel: Travel;
  tenant: string;
}): RoundLines {
  const kept = new Map<string, Promise<RoundLine>>();

  const make = async (round: Round): Promise<RoundLine> => {
    const vehicle = await registry.vehicles.get(tenant, round.vehicleId);
    const depot = vehicle && (await registry.depots.get(tenant, vehicle.depotId));
    if (!vehicle || !depot || round.stops.length === 0) return { roundId: round.id, version: round.version, legs: [] };
    const options = await travelOptionsFor(round, vehicle, { registry, tenant });
    const places = [depot.position, ...round.stops.map(({ lat, lon }) => ({ lat, lon })), depot.position];
    const paths = await travel.paths(places, options);
    const legs = paths.map((path, index) => ({ stopId: round.stops[index]?.id ?? null, ...path }));
    const credit = travel.credit !== undefined && { credit: travel.credit };
    return { roundId: round.id, version: round.version, ...credit, legs };
  };
  return {
    of(round) {
      const key = [round.id, round.version, ...round.stops.map(({ id }) => id)].join(' ');
      const known = kept.get(key);
      if (known) return known;
      const line = make(round);
      kept.set(key, line);
      // what failed is asked again the next time
      line.catch(() => kept.delete(key));
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT) break;
        kept.delete(oldest);
      }
      return line;
    },
  };
}
