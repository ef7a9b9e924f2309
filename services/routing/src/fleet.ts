import {
  Calendar,
  type AssetInput,
  type Depot,
  type DisposalSite,
  type RoadClosure,
  type RegistryKind,
  type Vehicle,
} from '@ronde/contracts';
import type { Registry } from '@ronde/registry';

/** Who drives when: small, and read at every look at the clock. */
export interface Roster {
  /** Those available. */
  vehicles: Vehicle[];
  calendar: Calendar;
}

/** What planning needs of the registry, read at once. */
export interface Fleet extends Roster {
  assets: AssetInput[];
  depots: Map<string, Depot>;
  sites: DisposalSite[];
  closures: RoadClosure[];
}

const DEFAULT_CALENDAR = Calendar.parse({ id: 'default' });

/** Reads the vehicles and the calendar (the first one, or the built-in default). */
export async function readRoster(registry: Registry, tenant: string): Promise<Roster> {
  const [vehicles, calendars] = await Promise.all([registry.vehicles.all(tenant), registry.calendars.all(tenant)]);
  return { vehicles: vehicles.filter(({ available }) => available), calendar: calendars[0] ?? DEFAULT_CALENDAR };
}

/** Reads the whole fleet and all assets: for a plan, not for a tick. */
export async function readFleet(registry: Registry, tenant: string): Promise<Fleet> {
  const [roster, assets, depots, sites, closures] = await Promise.all([
    readRoster(registry, tenant),
    registry.assets.all(tenant),
    registry.depots.all(tenant),
    registry.disposalSites.all(tenant),
    registry.roadClosures.all(tenant),
  ]);
  return { ...roster, assets, depots: new Map(depots.map((depot) => [depot.id, depot])), sites, closures };
}

/** The fleet as last read; it is read again when someone asks after a change, so that many changes cost one reading. */
export interface FleetCache {
  /** Reads again if something changed since. */
  fresh(): Promise<Fleet>;
  /** What was read last, however old; undefined before the first reading. */
  known(): Fleet | undefined;
  changed(kind: RegistryKind): void;
}

const FLEET_KINDS = new Set<RegistryKind>(['asset', 'depot', 'disposal-site', 'vehicle', 'calendar', 'road-closure']);

/** Gives a cache that has read nothing yet. */
export function createFleetCache(registry: Registry, tenant: string): FleetCache {
  let kept: Fleet | undefined;
  let stale = true;
  return {
    async fresh() {
      if (kept && !stale) return kept;
      // a change that comes while this reads makes the next one read again
      stale = false;
      try {
        return (kept = await readFleet(registry, tenant));
      } catch (error) {
        stale = true;
        throw error;
      }
    },
    known: () => kept,
    changed(kind) {
      if (FLEET_KINDS.has(kind)) stale = true;
    },
  };
}
