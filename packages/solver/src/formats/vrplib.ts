import { readLengths } from './edge-weights.ts';
import type { ConventionName, Customer, Depot, Sheet } from './sheet.ts';
import { createFaultList, fits, numbersOf } from './text-lines.ts';
import type { FaultList } from './text-lines.ts';
import type { SheetResult } from './sheet-instance.ts';
import { splitDocument } from './vrplib-document.ts';
import type { Document } from './vrplib-document.ts';
import { readFleet } from './vrplib-fleet.ts';
import { headerCount, headerNumber, readRows } from './vrplib-rows.ts';

/** Depots: the nodes of DEPOT_SECTION, or node 1. */
function readDepots(document: Document, dimension: number, faults: FaultList): number[] {
  const section = document.sections.get('DEPOT_SECTION');
  if (!section) return [0];
  const depots: number[] = [];
  for (const line of section.rows) {
    for (const node of numbersOf(line, 'DEPOT_SECTION', faults) ?? []) {
      if (node === -1) continue;
      if (!Number.isInteger(node) || node < 1 || node > dimension)
        faults.add(line.number, 'DEPOT_SECTION', `node ${node} is outside 1…${dimension}; name a node that is there`);
      else if (depots.includes(node - 1)) faults.add(line.number, 'DEPOT_SECTION', `node ${node} comes a second time`);
      else depots.push(node - 1);
    }
  }
  if (depots.length === 0 && faults.faults.length === 0)
    faults.add(section.at, 'DEPOT_SECTION', 'names no node; add one, such as 1');
  return depots;
}

/** A number for each node: of the section, else of the header for customers only, else 0. */
function perNode(document: Document, key: string, dimension: number, faults: FaultList): (node: number) => number {
  const rows = readRows(document, `${key}_SECTION`, { of: 'node', count: dimension, width: 1 }, faults);
  const all = headerNumber(document, key, faults, 0);
  return (node) => rows?.[node]?.[0] ?? all;
}

interface Nodes {
  readonly dimension: number;
  readonly depots: readonly Depot[];
  readonly customers: readonly Customer[];
}

function readWindows(document: Document, dimension: number, faults: FaultList): (readonly number[])[] | undefined {
  const name = 'TIME_WINDOW_SECTION';
  const rows = readRows(document, name, { of: 'node', count: dimension, width: 2 }, faults);
  for (const [node, window] of rows?.entries() ?? []) {
    if (!window || window[0]! <= window[1]!) continue;
    const message = `node ${node + 1} opens at ${window[0]}, after it closes at ${window[1]}; swap the two`;
    faults.add(document.sections.get(name)!.at + node + 1, name, message);
  }
  return rows && [...rows];
}

function readNodes(document: Document, dimension: number, faults: FaultList): Nodes {
  const homes = readDepots(document, dimension, faults);
  const demandRows = readRows(document, 'DEMAND_SECTION', { of: 'node', count: dimension, width: 1 }, faults);
  const isTour = /^A?TSP$/.test(document.headers.get('TYPE')?.text ?? '');
  if (!demandRows && !isTour && document.headers.has('CAPACITY'))
    faults.add(0, 'DEMAND_SECTION', 'is missing; add a row "node demand" for each node, or TYPE : TSP');
  const service = perNode(document, 'SERVICE_TIME', dimension, faults);
  const release = perNode(document, 'RELEASE_TIME', dimension, faults);
  const prize = perNode(document, 'PRIZE', dimension, faults);
  const windows = readWindows(document, dimension, faults);
  const released = document.sections.has('RELEASE_TIME_SECTION') || document.headers.has('RELEASE_TIME');
  const windowOf = (node: number): { window?: readonly [number, number] } => {
    const found = windows?.[node];
    return found ? { window: [found[0]!, found[1]!] } : {};
  };
  const nodes = Array.from({ length: dimension }, (_, node) => node).filter((node) => !homes.includes(node));
  return {
    dimension,
    depots: homes.map((node) => ({ node, ...windowOf(node) })),
    customers: nodes.map((node) => ({
      node,
      number: node,
      demand: demandRows?.[node]?.[0] ?? 0,
      serviceTime: service(node),
      ...windowOf(node),
      // a prize of nothing marks a customer that must be served (PyVRP's reading of its own dialect)
      ...(prize(node) > 0 ? { prize: prize(node) } : {}),
      ...(released ? { releaseTime: release(node) } : {}),
    })),
  };
}

/** The sections decide how a set is scored (split-bks.json of the sets states it). */
function conventionOf(document: Document, depots: number): ConventionName {
  const has = (...names: string[]): boolean =>
    names.some((name) => document.sections.has(`${name}_SECTION`) || document.headers.has(name));
  if (has('RELEASE_TIME', 'PRIZE')) return 'dimacs-int';
  if (has('VEHICLES_FIXED_COST', 'VEHICLES_UNIT_DISTANCE_COST')) return 'real';
  if (has('VEHICLES_ALLOWED_CLIENTS', 'VEHICLES_DEPOT') || depots > 1) return 'exact';
  return has('TIME_WINDOW') ? 'dimacs' : 'round';
}

/** Reads a TSPLIB or CVRPLIB file, or the dialect with windows, prizes, release times and vehicles that differ. */
export function readVrplib(text: string): SheetResult {
  const faults = createFaultList();
  const document = splitDocument(text, faults);
  const dimension = headerCount(document, 'DIMENSION', faults);
  const line = document.headers.get('DIMENSION')?.number ?? 0;
  if (faults.faults.length || !fits(dimension, line, 'DIMENSION', faults)) return { ok: false, faults: faults.faults };
  const length = readLengths(document, dimension, faults);
  const { depots, customers } = readNodes(document, dimension, faults);
  const fleet = readFleet(document, { nodes: dimension, depots, customers }, faults);
  if (faults.faults.length) return { ok: false, faults: faults.faults };
  const { allowedNodes } = fleet;
  const allowedFor = (node: number): { allowedVehicles?: readonly number[] } =>
    allowedNodes ? { allowedVehicles: fleet.vehicles.map((_, v) => v).filter((v) => allowedNodes[v]!.has(node)) } : {};
  const sheet: Sheet = {
    name: document.headers.get('NAME')?.text || 'unnamed',
    format: 'vrplib',
    nodes: dimension,
    length,
    depots,
    customers: customers.map((customer) => ({ ...customer, ...allowedFor(customer.node) })),
    vehicles: fleet.vehicles,
    mixedFleet: fleet.mixed,
    reloadDepots: fleet.reloadDepots,
    convention: conventionOf(document, depots.length),
    notes: document.notes,
  };
  return { ok: true, sheet };
}
