import type { Fault, Problem } from '../problem.ts';
import { refuse } from './instance.ts';
import type { Parsed } from './instance.ts';

interface Line {
  readonly number: number;
  readonly text: string;
}

interface Document {
  readonly headers: ReadonlyMap<string, Line>;
  readonly sections: ReadonlyMap<string, readonly Line[]>;
}

const READ_SECTIONS = ['NODE_COORD_SECTION', 'DEMAND_SECTION', 'DEPOT_SECTION'];

/** Splits a file in headers (KEY : value) and sections (KEY_SECTION, then rows). */
function split(text: string): Document {
  const headers = new Map<string, Line>();
  const sections = new Map<string, Line[]>();
  let rows: Line[] | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = { number: index + 1, text: raw.trim() };
    const key = /^([A-Z_]+)\s*(?::(.*))?$/.exec(line.text);
    if (line.text === 'EOF') break;
    if (!line.text) continue;
    if (key?.[1]!.endsWith('_SECTION')) sections.set(key[1]!, (rows = []));
    else if (key?.[2] !== undefined) headers.set(key[1]!, { number: line.number, text: key[2].trim() });
    else rows?.push(line);
  }
  return { headers, sections };
}

/** Reads rows of numbers keyed by node number 1…dimension. */
function readRows(
  document: Document,
  section: string,
  { width, dimension, faults }: { width: number; dimension: number; faults: Fault[] },
): number[][] {
  const found: number[][] = [];
  const lines = document.sections.get(section);
  if (!lines) {
    faults.push({ field: section, message: 'is missing; add the section' });
    return found;
  }
  for (const line of lines) {
    const [node, ...values] = line.text.split(/\s+/).map(Number);
    const whole = Number.isInteger(node) && node! >= 1 && node! <= dimension;
    if (!whole || values.length !== width || !values.every(Number.isFinite)) {
      const message = `needs a node 1…${dimension} and ${width} number(s), has "${line.text}"; correct the row`;
      faults.push({ field: `line ${line.number} (${section})`, message });
    } else {
      found[node! - 1] = values;
    }
  }
  const absent = Array.from({ length: dimension }, (_, i) => i).filter((i) => !found[i]);
  if (absent.length && !faults.length)
    faults.push({ field: section, message: `has no row for node ${absent[0]! + 1}; add it` });
  return found;
}

function readNumber(document: Document, key: string, faults: Fault[]): number {
  const line = document.headers.get(key);
  const value = Number(line?.text);
  if (line && Number.isFinite(value) && value > 0) return value;
  const field = line ? `line ${line.number} (${key})` : key;
  faults.push({
    field,
    message: line ? `needs a number above 0, has "${line.text}"` : `is missing; add "${key} : <number>"`,
  });
  return 0;
}

/** Refuses what another reading would silently get wrong. */
function checkDialect(document: Document, faults: Fault[]): void {
  const weights = document.headers.get('EDGE_WEIGHT_TYPE');
  if (weights?.text !== 'EUC_2D') {
    const field = weights ? `line ${weights.number} (EDGE_WEIGHT_TYPE)` : 'EDGE_WEIGHT_TYPE';
    faults.push({ field, message: `${weights?.text ?? 'nothing'} is not read; only EUC_2D is` });
  }
  for (const section of document.sections.keys()) {
    if (!READ_SECTIONS.includes(section))
      faults.push({ field: section, message: 'is not read yet; only plain CVRP files are' });
  }
  for (const key of ['SERVICE_TIME', 'DISTANCE', 'VEHICLES_MAX_DURATION']) {
    const line = document.headers.get(key);
    if (line)
      faults.push({ field: `line ${line.number} (${key})`, message: 'is not read yet; only plain CVRP files are' });
  }
}

/**
 * Number of vehicles: the header, else the k of the name, which binds in the classic sets but is only a lower bound
 * in the X set (Uchoa et al. 2017).
 */
function fleetSize(document: Document, name: string, demands: readonly number[], capacity: number): number {
  const stated = Number(document.headers.get('VEHICLES')?.text);
  if (Number.isInteger(stated) && stated > 0) return stated;
  const named = Number(/-k(\d+)$/.exec(name)?.[1]);
  if (named > 0 && !name.startsWith('X-')) return named;
  const least = Math.ceil(demands.reduce((sum, demand) => sum + demand, 0) / capacity);
  return Math.min(demands.length, Math.ceil(least * 1.3) + 5);
}

/** TSPLIB EUC_2D: nearest whole number, floor(d + 0.5). */
function distances(points: readonly (readonly number[])[]): Int32Array {
  const n = points.length;
  const matrix = new Int32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [dx, dy] = [points[i]![0]! - points[j]![0]!, points[i]![1]! - points[j]![1]!];
      matrix[i * n + j] = Math.floor(Math.sqrt(dx * dx + dy * dy) + 0.5);
    }
  }
  return matrix;
}

function depotOf(document: Document, dimension: number, faults: Fault[]): number {
  const rows = (document.sections.get('DEPOT_SECTION') ?? [])
    .map((line) => Number(line.text))
    .filter((value) => value !== -1);
  const depot = rows[0] ?? 1;
  if (rows.length > 1) faults.push({ field: 'DEPOT_SECTION', message: 'names several depots; only one is read yet' });
  else if (!(depot >= 1 && depot <= dimension))
    faults.push({ field: 'DEPOT_SECTION', message: `names node ${depot}, which is not there` });
  return depot - 1;
}

/** Reads a CVRPLIB file with EUC_2D distances, one depot and one capacity. */
export function parseVrplib(text: string): Parsed {
  const document = split(text);
  const faults: Fault[] = [];
  checkDialect(document, faults);
  const dimension = readNumber(document, 'DIMENSION', faults);
  const capacity = readNumber(document, 'CAPACITY', faults);
  if (faults.length) return refuse(...faults);
  const points = readRows(document, 'NODE_COORD_SECTION', { width: 2, dimension, faults });
  const demands = readRows(document, 'DEMAND_SECTION', { width: 1, dimension, faults });
  const depot = depotOf(document, dimension, faults);
  if (faults.length) return refuse(...faults);
  const name = document.headers.get('NAME')?.text ?? 'unnamed';
  const distanceM = distances(points);
  const nodes = points.map((_, node) => node).filter((node) => node !== depot);
  const amounts = nodes.map((node) => demands[node]![0]!);
  const vehicle = { startLocation: depot, endLocation: depot, capacity: [capacity] };
  const problem: Problem = {
    locations: dimension,
    profiles: [{ distanceM, durationS: distanceM }],
    stops: nodes.map((node, i) => ({ location: node, load: [amounts[i]!] })),
    vehicles: Array.from({ length: fleetSize(document, name, amounts, capacity) }, () => vehicle),
  };
  return {
    ok: true,
    instance: {
      name,
      format: 'vrplib',
      problem,
      stopNames: nodes.map((node) => String(node)),
      vehicleNames: problem.vehicles.map((_, index) => String(index)),
      siteNames: [],
    },
  };
}
