import type { Customer, Depot, SheetVehicle } from './sheet.ts';
import type { Document } from './vrplib-document.ts';
import { headerCount, headerNumber, readRows } from './vrplib-rows.ts';
import { boundFleet } from './text-lines.ts';
import type { FaultList } from './text-lines.ts';

/** Sections with a row for each vehicle. */
const PER_VEHICLE = [
  ...['CAPACITY_SECTION', 'VEHICLES_ALLOWED_CLIENTS_SECTION', 'VEHICLES_MAX_DURATION_SECTION'],
  ...['VEHICLES_MAX_DISTANCE_SECTION', 'VEHICLES_FIXED_COST_SECTION', 'VEHICLES_UNIT_DISTANCE_COST_SECTION'],
  ...['VEHICLES_DEPOT_SECTION', 'VEHICLES_RELOAD_DEPOT_SECTION'],
];

/** Sections that make vehicles differ. */
const MIXING = PER_VEHICLE.filter((name) => name !== 'VEHICLES_RELOAD_DEPOT_SECTION');

/** The vehicles of a file, and which nodes each may serve where that is limited. */
export interface Fleet {
  readonly vehicles: readonly SheetVehicle[];
  readonly mixed: boolean;
  /** per vehicle the nodes, from 0; absent when every vehicle may serve every one */
  readonly allowedNodes?: readonly ReadonlySet<number>[];
  readonly reloadDepots: readonly number[];
}

interface Load {
  readonly demand: number;
  readonly capacity: number;
}

/**
 * Number of vehicles where no header says it: the k of the name binds in the classic sets (Augerat, Christofides-Eilon,
 * Fisher), but is only the least possible in the X, XL and XML sets (Uchoa et al. 2017), whose fleet is unlimited.
 */
function fleetSize(document: Document, customers: number, timed: boolean, { demand, capacity }: Load): number {
  const name = document.headers.get('NAME')?.text ?? '';
  const type = document.headers.get('TYPE')?.text ?? '';
  if (/^A?TSP$/.test(type)) return 1;
  const named = Number(/-k(\d+)$/.exec(name)?.[1]);
  if (named > 0 && named <= customers && !/^X(L|ML)?-?\d*[-_]/.test(name)) return named;
  if (!(capacity > 0)) return type ? customers : 1;
  // enough to waste a quarter of each truck; idle ones cost nothing, but with windows as many as customers may be needed
  return timed ? customers : Math.min(customers, Math.ceil((demand / capacity) * 1.3) + 5);
}

function countVehicles(document: Document, faults: FaultList): number | undefined {
  const stated = document.headers.get('VEHICLES');
  if (stated) return boundFleet(headerCount(document, 'VEHICLES', faults), stated.number, 'VEHICLES', faults);
  const listed = PER_VEHICLE.find((name) => document.sections.has(name));
  const section = listed === undefined ? undefined : document.sections.get(listed)!;
  return section && boundFleet(section.rows.length, section.at, listed!, faults);
}

/** One number for each vehicle: from the section, else from the header, else absent. */
function perVehicle(document: Document, key: string, count: number, faults: FaultList): (number | undefined)[] {
  const rows = readRows(document, `${key}_SECTION`, { of: 'vehicle', count, width: 1 }, faults);
  const all = document.headers.has(key) ? headerNumber(document, key, faults) : undefined;
  return Array.from({ length: count }, (_, vehicle) => (rows ? rows[vehicle]?.[0] : all));
}

/** Index into depots of each node a vehicle row names; a fault when a node is no depot. */
function depotsOf(
  document: Document,
  name: string,
  count: number,
  depots: readonly Depot[],
  faults: FaultList,
): number[][] {
  const rows = readRows(document, name, { of: 'vehicle', count }, faults) ?? [];
  return rows.map((nodes, vehicle) =>
    nodes.map((node) => {
      const depot = depots.findIndex((each) => each.node === node - 1);
      if (depot < 0)
        faults.add(
          document.sections.get(name)!.at,
          name,
          `vehicle ${vehicle + 1} names node ${node}, which is no depot`,
        );
      return Math.max(0, depot);
    }),
  );
}

function readAllowed(document: Document, count: number, nodes: number, faults: FaultList): Set<number>[] | undefined {
  const name = 'VEHICLES_ALLOWED_CLIENTS_SECTION';
  const rows = readRows(document, name, { of: 'vehicle', count }, faults);
  for (const [vehicle, clients] of rows?.entries() ?? []) {
    const outside = clients?.find((node) => !Number.isInteger(node) || node < 1 || node > nodes);
    if (outside === undefined) continue;
    const message = `vehicle ${vehicle + 1} names node ${outside}, outside 1…${nodes}; correct the row`;
    faults.add(document.sections.get(name)!.at, name, message);
  }
  return rows?.map((clients) => new Set(clients.map((node) => node - 1)));
}

/** A longest distance is a longest duration where nothing takes time but driving. */
function longest(document: Document, count: number, standing: boolean, faults: FaultList): (number | undefined)[] {
  const durations = perVehicle(document, 'VEHICLES_MAX_DURATION', count, faults);
  const distances = perVehicle(document, 'VEHICLES_MAX_DISTANCE', count, faults);
  const limited = ['VEHICLES_MAX_DISTANCE', 'VEHICLES_MAX_DISTANCE_SECTION'].find(
    (key) => document.headers.has(key) || document.sections.has(key),
  );
  if (limited && standing)
    faults.add(0, limited, 'cannot be kept beside windows or service times; give VEHICLES_MAX_DURATION instead');
  // DISTANCE of the Christofides files bounds driving and service together, as a duration does
  const all = document.headers.has('DISTANCE') ? headerNumber(document, 'DISTANCE', faults) : undefined;
  return durations.map((duration, vehicle) => {
    const bounds = [duration, distances[vehicle], all].filter((bound) => bound !== undefined);
    return bounds.length ? Math.min(...bounds) : undefined;
  });
}

/** Reads headers and sections about vehicles. */
export function readFleet(
  document: Document,
  { nodes, depots, customers }: { nodes: number; depots: readonly Depot[]; customers: readonly Customer[] },
  faults: FaultList,
): Fleet {
  const capacity = headerNumber(document, 'CAPACITY', faults, 0);
  const demand = customers.reduce((sum, customer) => sum + customer.demand, 0);
  const timed = customers.some((customer) => customer.window);
  const count = countVehicles(document, faults) ?? fleetSize(document, customers.length, timed, { demand, capacity });
  if (demand > 0 && !document.headers.has('CAPACITY') && !document.sections.has('CAPACITY_SECTION'))
    faults.add(0, 'CAPACITY', 'is missing; add a line "CAPACITY : <number>", or a CAPACITY_SECTION');
  const capacities = perVehicle(document, 'CAPACITY', count, faults);
  const fixed = perVehicle(document, 'VEHICLES_FIXED_COST', count, faults);
  const unit = perVehicle(document, 'VEHICLES_UNIT_DISTANCE_COST', count, faults);
  const standing = timed || customers.some((customer) => customer.serviceTime > 0);
  const durations = longest(document, count, standing, faults);
  const homes = depotsOf(document, 'VEHICLES_DEPOT_SECTION', count, depots, faults);
  const reloads = depotsOf(document, 'VEHICLES_RELOAD_DEPOT_SECTION', count, depots, faults);
  if (new Set(reloads.map((row) => [...row].sort().join())).size > 1)
    faults.add(0, 'VEHICLES_RELOAD_DEPOT_SECTION', 'differs between vehicles; give every vehicle the same depots');
  const allowedNodes = readAllowed(document, count, nodes, faults);
  return {
    vehicles: Array.from({ length: count }, (_, vehicle) => ({
      depot: homes[vehicle]?.[0] ?? 0,
      ...(capacities[vehicle] === undefined ? {} : { capacity: capacities[vehicle] }),
      ...(durations[vehicle] === undefined ? {} : { maxDuration: durations[vehicle] }),
      ...(fixed[vehicle] === undefined ? {} : { fixedCost: fixed[vehicle] }),
      ...(unit[vehicle] === undefined ? {} : { unitCost: unit[vehicle] }),
    })),
    mixed: MIXING.some((name) => document.sections.has(name)),
    ...(allowedNodes ? { allowedNodes } : {}),
    reloadDepots: reloads[0] ?? [],
  };
}
