import type { DisposalSite, Fault, Problem, Stop, Window } from '../problem.ts';
import { validate } from '../validate.ts';
import { refuse } from './instance.ts';
import type { Parsed } from './instance.ts';

type Json = Readonly<Record<string, unknown>>;

/** Collects faults while fields are taken out of unknown JSON. */
interface Reader {
  readonly faults: Fault[];
  number(from: Json, key: string, at: string): number;
  text(from: Json, key: string, at: string): string;
  list(from: Json, key: string): Json[];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function createReader(): Reader {
  const faults: Fault[] = [];
  const fault = (field: string, message: string): void => {
    faults.push({ field, message });
  };
  return {
    faults,
    number(from, key, at) {
      const value = from[key];
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      fault(`${at}${key}`, `must be a number, is ${JSON.stringify(value) ?? 'absent'}`);
      return 0;
    },
    text(from, key, at) {
      const value = from[key];
      if (typeof value === 'string' && value) return value;
      fault(`${at}${key}`, `must be a text, is ${JSON.stringify(value) ?? 'absent'}`);
      return '';
    },
    list(from, key) {
      const value = from[key];
      if (Array.isArray(value) && value.every(isObject)) return value;
      fault(key, 'must be a list of objects');
      return [];
    },
  };
}

/** Flattens n rows of n numbers; null means no way. */
function readMatrix(json: Json, key: string, faults: Fault[]): Int32Array {
  const rows = json[key];
  const size = Array.isArray(rows) ? rows.length : 0;
  const square = size > 0 && (rows as unknown[]).every((row) => Array.isArray(row) && row.length === size);
  if (!square) {
    faults.push({ field: key, message: 'must be a square matrix: as many numbers in each row as there are rows' });
    return new Int32Array(0);
  }
  const values = (rows as unknown[][]).flat();
  const wrong = values.findIndex((value) => value !== null && (typeof value !== 'number' || !(value >= 0)));
  if (wrong >= 0) {
    const field = `${key}[${Math.floor(wrong / size)}][${wrong % size}]`;
    faults.push({ field, message: 'must be a number of 0 or more, or null where there is no way' });
  }
  return Int32Array.from(values, (value) => (typeof value === 'number' ? Math.min(Math.round(value), 1e9) : 1e9));
}

function readStop(reader: Reader, json: Json, index: number): Stop {
  const at = `stops[${index}].`;
  const window = json.timeWindow ?? undefined;
  const pair = Array.isArray(window) && window.length === 2 && window.every((value) => typeof value === 'number');
  if (window !== undefined && !pair)
    reader.faults.push({ field: `${at}timeWindow`, message: 'must be [from, to] in seconds, or null' });
  return {
    location: index + 1,
    serviceS: reader.number(json, 'serviceS', at),
    load: [reader.number(json, 'kg', at)],
    ...(pair ? { windows: [[window[0], window[1]] as Window] } : {}),
    ...(json.required === false ? { prize: reader.number(json, 'prizeM', at) } : {}),
  };
}

/** Whether a text breaks before its end, and so with whatever follows too. */
function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(message)?.[1];
    return position ? Number(position) < text.length : !message.includes('end of JSON');
  }
}

/** Names the line where a JSON text breaks, by bisection: the runtime leaves the position out of most messages. */
function syntaxFault(text: string, message: string): Fault {
  let [whole, broken] = [0, text.length];
  while (whole + 1 < broken) {
    const middle = (whole + broken) >> 1;
    if (isBroken(text.slice(0, middle))) broken = middle;
    else whole = middle;
  }
  return {
    field: `line ${text.slice(0, whole).split('\n').length}`,
    message: `is not JSON (${message}); correct the text there`,
  };
}

/** Builds the problem: location 0 is the yard and a site, then the other dumps and the stops, as in the file. */
function toProblem(reader: Reader, json: Json): Problem {
  const { faults } = reader;
  const [distanceM, durationS] = [readMatrix(json, 'distances', faults), readMatrix(json, 'durations', faults)];
  const tippingS = reader.number(json, 'dumpServiceS', '');
  const sites: DisposalSite[] = reader
    .list(json, 'dumps')
    .map((dump, i) => ({ location: reader.number(dump, 'index', `dumps[${i}].`), tippingS }));
  const firstStop = Math.max(0, ...sites.map((site) => site.location)) + 1;
  const stops = reader
    .list(json, 'stops')
    .map((stop, i) => ({ ...readStop(reader, stop, i), location: firstStop + i }));
  const vehicles = reader.list(json, 'vehicles').map((vehicle, i) => ({
    startLocation: 0,
    endLocation: 0,
    capacity: [reader.number(vehicle, 'capacityKg', `vehicles[${i}].`)],
    shift: [0, reader.number(vehicle, 'shiftS', `vehicles[${i}].`)] as Window,
    mustEndEmpty: true,
  }));
  return {
    locations: Math.round(Math.sqrt(distanceM.length)),
    profiles: [{ distanceM, durationS }],
    stops,
    vehicles,
    sites,
  };
}

/** Reads the waste JSON: yard and dumps first in the matrices, then the stops; kg, seconds and metres. */
export function parseRonde(text: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse(syntaxFault(text, error instanceof Error ? error.message : String(error)));
  }
  if (!isObject(json)) return refuse({ field: 'file', message: 'must be one JSON object' });
  const reader = createReader();
  const name = reader.text(json, 'name', '');
  const problem = toProblem(reader, json);
  const ids = reader.list(json, 'stops').map((stop, i) => reader.text(stop, 'id', `stops[${i}].`));
  const vehicleNames = reader.list(json, 'vehicles').map((vehicle, i) => reader.text(vehicle, 'id', `vehicles[${i}].`));
  const faults = reader.faults.length ? reader.faults : validate(problem);
  if (faults.length) return refuse(...faults);
  const siteNames = (problem.sites ?? []).map((_, index) => `D${index}`);
  return { ok: true, instance: { name, format: 'ronde', problem, stopNames: ids, vehicleNames, siteNames, notes: [] } };
}
