import { Area, Calendar, Crew, Depot, DisposalSite, RoadClosure, Vehicle, type Fault } from '@ronde/contracts';
import { ANYONE, OPERATORS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { faultOf } from '../faults.ts';
import { addDocuments } from './documents.ts';

// five fields: minute, hour, day of month, month, day of week
const CRON = /^(\S+\s+){4}\S+$/;

/** Adds areas, depots, disposal sites, vehicles, crews, calendars and road closures. */
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
    check: async (_tenant, site) => [siteFault(site)],
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
  addDocuments<RoadClosure>(deps, {
    path: 'road-closures',
    noun: 'road closure',
    kind: 'road-closure',
    collection: registry.roadClosures,
    input: RoadClosure,
    output: RoadClosure,
    read: STAFF,
    write,
    check: async (_tenant, closure) => closureFaults(closure),
  });
}

async function vehicleFaults({ registry }: ApiDeps, tenant: string, vehicle: Vehicle): Promise<(Fault | undefined)[]> {
  const depot = await registry.depots.get(tenant, vehicle.depotId);
  const crew = vehicle.crewId === undefined || (await registry.crews.get(tenant, vehicle.crewId));
  return [
    depot ? undefined : faultOf('depotId', `there is no depot "${vehicle.depotId}"`),
    crew ? undefined : faultOf('crewId', `there is no crew "${vehicle.crewId}"`),
    ...bodyFaults(vehicle),
  ];
}

function bodyFaults({ fractions, compartments = [], battery }: Vehicle): (Fault | undefined)[] {
  const held = compartments.flatMap((part) => part.fractions);
  const strange = held.find((fraction) => !fractions.includes(fraction));
  const isTwice = new Set(held).size < held.length;
  const isShort = (battery?.reserveKwh ?? 0) > (battery?.capacityKwh ?? Infinity);
  return [
    isTwice ? faultOf('compartments', 'name a fraction twice; give each fraction one compartment') : undefined,
    strange ? faultOf('compartments', `hold "${strange}", which is not among the vehicle's fractions`) : undefined,
    isShort ? faultOf('battery.reserveKwh', 'must be at most capacityKwh') : undefined,
  ];
}

function siteFault({ tippingTimeS, weighInTimeS = 0 }: DisposalSite): Fault | undefined {
  return weighInTimeS > tippingTimeS
    ? faultOf('weighInTimeS', 'must be at most tippingTimeS: it is part of it')
    : undefined;
}

function closureFaults({ from, to, geometry }: RoadClosure): (Fault | undefined)[] {
  const [ring] = geometry.coordinates;
  const isShut = ring[0]!.every((degrees, axis) => degrees === ring.at(-1)![axis]);
  return [
    Date.parse(to) > Date.parse(from) ? undefined : faultOf('to', 'must be after from'),
    isShut ? undefined : faultOf('geometry.coordinates.0', 'must end where it begins (RFC 7946, §3.1.6)'),
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
