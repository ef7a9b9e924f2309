import { Calendar, type AssetInput, type Depot, type DisposalSite, type Vehicle } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';

/** What planning needs of the registry, read at once. */
export interface Fleet {
  assets: AssetInput[];
  vehicles: Vehicle[];
  depots: Map<string, Depot>;
  sites: DisposalSite[];
  calendar: Calendar;
}

const DEFAULT_CALENDAR = Calendar.parse({ id: 'default' });

/** Reads the fleet, the assets and the calendar (the first one, or the built-in default). */
export async function readFleet(registry: Registry, tenant: string): Promise<Fleet> {
  const [assets, vehicles, depots, sites, calendars] = await Promise.all([
    registry.assets.all(tenant),
    registry.vehicles.all(tenant),
    registry.depots.all(tenant),
    registry.disposalSites.all(tenant),
    registry.calendars.all(tenant),
  ]);
  return {
    assets,
    vehicles: vehicles.filter(({ available }) => available),
    depots: new Map(depots.map((depot) => [depot.id, depot])),
    sites,
    calendar: calendars[0] ?? DEFAULT_CALENDAR,
  };
}
