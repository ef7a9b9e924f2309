import { Area, Calendar, Crew, Depot, DisposalSite, Vehicle, type Fault } from '@ronde/contracts';
import { ANYONE, OPERATORS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { faultOf } from '../faults.ts';
import { addDocuments } from './documents.ts';

// five fields: minute, hour, day of month, month, day of week
const CRON = /^(\S+\s+){4}\S+$/;

/** Adds areas, depots, disposal sites, vehicles, crews and calendars. */
export function addFleet(deps: ApiDeps): void {
  const { registry } = deps;
  const write = OPERATORS;
  addDocuments<Area>(deps, {
    path: 'areas',
    noun: 'area',
    kind: 'area',
    collection: registry.areas,
    input: Area,
    output: Area,
    read: ANYONE,
    write,
  });
  addDocuments<Depot>(deps, {
    path: 'depots',
    noun: 'depot',
    kind: 'depot',
    collection: registry.depots,
    input: Depot,
    output: Depot,
    read: STAFF,
    write,
  });
  addDocuments<DisposalSite>(deps, {
    path: 'disposal-sites',
    noun: 'disposal site',
    kind: 'disposal-site',
    collection: registry.disposalSites,
    input: DisposalSite,
    output: DisposalSite,
    read: STAFF,
    write,
  });
  addDocuments<Vehicle>(deps, {
    path: 'vehicles',
    noun: 'vehicle',
    kind: 'vehicle',
    collection: registry.vehicles,
    input: Vehicle,
    output: Vehicle,
    // a tablet shows its vehicle by name
    read: [...STAFF, 'crew'],
    write,
    check: (tenant, vehicle) => vehicleFaults(deps, tenant, vehicle),
  });
  addDocuments<Crew>(deps, {
    path: 'crews',
    noun: 'crew',
    kind: 'crew',
    collection: registry.crews,
    input: Crew,
    output: Crew,
    read: write,
    write,
  });
  addDocuments<Calendar>(deps, {
    path: 'calendars',
    noun: 'calendar',
    kind: 'calendar',
    collection: registry.calendars,
    input: Calendar,
    output: Calendar,
    read: STAFF,
    write,
    check: async (_tenant, calendar) => calendarFaults(calendar),
  });
}

async function vehicleFaults({ registry }: ApiDeps, tenant: string, vehicle: Vehicle): Promise<(Fault | undefined)[]> {
  const depot = await registry.depots.get(tenant, vehicle.depotId);
  const crew = vehicle.crewId === undefined || (await registry.crews.get(tenant, vehicle.crewId));
  return [
    depot ? undefined : faultOf('depotId', `there is no depot "${vehicle.depotId}"`),
    crew ? undefined : faultOf('crewId', `there is no crew "${vehicle.crewId}"`),
  ];
}

function calendarFaults({ timeZone, planCron }: Calendar): (Fault | undefined)[] {
  return [
    isTimeZone(timeZone)
      ? undefined
      : faultOf('timeZone', 'is not a time zone of the IANA database, such as Europe/Amsterdam'),
    CRON.test(planCron.trim())
      ? undefined
      : faultOf('planCron', 'needs five fields: minute, hour, day of month, month, day of week'),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
