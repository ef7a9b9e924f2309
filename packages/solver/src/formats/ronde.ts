import { UNREACHABLE } from '../problem.ts';
import type { DisposalSite, Problem, Profile, Stop, Vehicle } from '../problem.ts';
import { validate } from '../validate.ts';
import { refuse } from './instance.ts';
import type { Parsed, Way } from './instance.ts';
import { createJsonReader, parseJson } from './json-reader.ts';
import type { Json, JsonReader } from './json-reader.ts';
import { readFractions, readSites, readStop, readVehicle } from './ronde-parts.ts';
import type { Names } from './ronde-parts.ts';
import { readSections, readTurns, toStops, withSections } from './ronde-sections.ts';
import type { Section, Turns } from './ronde-sections.ts';
import { MAX_NODES } from './text-lines.ts';

/** Flattens n rows of n numbers; null means no way. */
function readMatrix(reader: JsonReader, json: Json, at: string, name: string): Int32Array {
  const key = `${at}${name}`;
  const rows = json[name];
  const size = Array.isArray(rows) ? rows.length : 0;
  const square = size > 0 && (rows as unknown[]).every((row) => Array.isArray(row) && row.length === size);
  if (!square) {
    reader.fault(key, 'must be a square matrix: as many numbers in each row as there are rows');
    return new Int32Array(0);
  }
  if (size > MAX_NODES) {
    reader.fault(key, `${size} places are more than the ${MAX_NODES} that are solved at once; split the area`);
    return new Int32Array(0);
  }
  const values = (rows as unknown[][]).flat();
  const wrong = values.findIndex((value) => value !== null && (typeof value !== 'number' || !(value >= 0)));
  if (wrong >= 0) {
    const field = `${key}[${Math.floor(wrong / size)}][${wrong % size}]`;
    reader.fault(field, 'must be a number of 0 or more, or null where there is no way');
  }
  return Int32Array.from(values, (value) =>
    typeof value === 'number' ? Math.min(Math.round(value), UNREACHABLE) : UNREACHABLE,
  );
}

/** The matrices of each kind of travel: those of the file, or of each of its profiles. */
function readProfiles(reader: JsonReader, json: Json): Profile[] {
  const given = json.profiles === undefined ? [json] : reader.list(json, 'profiles', '');
  const profiles = given.map((from, i) => {
    const at = from === json ? '' : `profiles[${i}].`;
    return {
      distanceM: readMatrix(reader, from, at, 'distances'),
      durationS: readMatrix(reader, from, at, 'durations'),
    };
  });
  const sizes = profiles.flatMap(({ distanceM, durationS }) => [distanceM.length, durationS.length]);
  if (new Set(sizes).size > 1 && reader.faults.length === 0)
    reader.fault('durations', 'and all other matrices must have as many places as distances has; correct them');
  return profiles;
}

interface Parts {
  readonly profiles: readonly Profile[];
  readonly sites: readonly DisposalSite[];
  readonly stops: readonly Stop[];
  readonly stopNames: readonly string[];
  readonly stopWays: readonly (Way | undefined)[];
  readonly sections: readonly Section[];
}

/** Locations: the yard is 0, dumps and stops stand where index says, else stops follow the last dump in file order. */
function readParts(reader: JsonReader, json: Json, names: Names): Parts {
  const profiles = readProfiles(reader, json);
  const sites = readSites(reader, json, names);
  const firstStop = Math.max(0, ...sites.map((site) => site.location)) + 1;
  const given = reader.list(json, 'stops', '', { optional: json.sections !== undefined });
  const stops = given.map((stop, i) => {
    const at = `stops[${i}].`;
    const location = reader.optional(stop, 'index', at) ?? firstStop + i;
    return { ...readStop(reader, stop, at, names), location, serviceS: reader.number(stop, 'serviceS', at) };
  });
  const sections = readSections(reader, json, (section, at) => readStop(reader, section, at, names));
  const n = Math.round(Math.sqrt(profiles[0]?.distanceM.length ?? 0));
  for (const [i, { passes }] of sections.entries()) {
    const outside = passes.find(
      ({ from, to }) =>
        !(Number.isInteger(from) && Number.isInteger(to) && Math.min(from, to) >= 0 && Math.max(from, to) < n),
    );
    if (outside) reader.fault(`sections[${i}]`, `from and to must be places 0…${n - 1} of the matrices`);
  }
  const ids = given.map((stop, i) => reader.text(stop, 'id', `stops[${i}].`));
  return {
    profiles,
    sites,
    stops: [...stops, ...toStops(sections, n, stops.length)],
    stopNames: [...ids, ...sections.flatMap(({ id, passes }) => passes.map(() => id))],
    stopWays: [
      ...ids.map(() => undefined),
      ...sections.flatMap(({ passes }) => passes.map(({ backward }): Way => (backward ? 'backward' : 'forward'))),
    ],
    sections,
  };
}

function toProblem(parts: Parts, turns: Turns, vehicles: readonly Vehicle[]): Problem {
  const { sites, stops, sections } = parts;
  const n = Math.round(Math.sqrt(parts.profiles[0]!.distanceM.length));
  const ways = sections.reduce((sum, { passes }) => sum + passes.length, 0);
  const profiles =
    ways > 0 ? parts.profiles.map((profile) => withSections(profile, n, sections, turns)) : parts.profiles;
  return { locations: n + ways, profiles, stops, vehicles, sites };
}

/** Stops of a fraction that a vehicle does not take, or that name their vehicles, are for the others only. */
function limitVehicles(stops: readonly Stop[], takes: readonly (ReadonlySet<number> | undefined)[]): Stop[] {
  if (!takes.some(Boolean)) return [...stops];
  return stops.map((stop) => {
    const may = takes.map((_, v) => v).filter((v) => takes[v]?.has(stop.fraction ?? 0) ?? true);
    const both = stop.allowedVehicles ? may.filter((v) => stop.allowedVehicles!.includes(v)) : may;
    return both.length === takes.length ? stop : { ...stop, allowedVehicles: both };
  });
}

function readChance(reader: JsonReader, json: Json): number | undefined {
  const chance = reader.optional(json, 'overloadProbability', '');
  if (chance !== undefined && !(chance >= 0 && chance <= 0.5))
    reader.fault('overloadProbability', 'must be 0 to 0.5; leave it out where loads are certain');
  return chance;
}

function readProfileNames(reader: JsonReader, json: Json): string[] {
  const profiles = reader.list(json, 'profiles', '', { optional: true });
  return profiles.map((profile, i) => reader.text(profile, 'id', `profiles[${i}].`));
}

/** A name twice could not be told apart in the answer. */
function checkNames(reader: JsonReader, kind: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) reader.fault(kind, `the id "${name}" comes a second time; give each its own`);
    seen.add(name);
  }
}

/** Reads the Ronde JSON (docs/formats.md): yard and dumps, stops and sections of street; kg, seconds and metres. */
export function parseRonde(text: string): Parsed {
  const parsed = parseJson(text);
  if ('fault' in parsed) return refuse(parsed.fault);
  const { json } = parsed;
  const reader = createJsonReader();
  const name = reader.text(json, 'name', '');
  const given = reader.list(json, 'vehicles', '');
  const vehicleNames = given.map((vehicle, i) => reader.text(vehicle, 'id', `vehicles[${i}].`));
  const names: Names = {
    fractions: readFractions(reader, json),
    vehicles: vehicleNames,
    profiles: readProfileNames(reader, json),
    overloadChance: readChance(reader, json),
    tipping: Array.isArray(json.dumps) && json.dumps.length > 0,
  };
  const parts = readParts(reader, json, names);
  const read = given.map((vehicle, i) => readVehicle(reader, vehicle, `vehicles[${i}].`, names));
  const turns = readTurns(reader, json);
  checkNames(reader, 'vehicles', vehicleNames);
  const ways = parts.stops.map((stop) => stop.alternativeTo);
  checkNames(
    reader,
    'stops',
    parts.stopNames.filter((_, i) => ways[i] === undefined),
  );
  if (reader.faults.length) return refuse(...reader.faults);
  const stops = limitVehicles(
    parts.stops,
    read.map(({ takes }) => takes),
  );
  const problem = toProblem(
    { ...parts, stops },
    turns,
    read.map(({ vehicle }) => vehicle),
  );
  const faults = validate(problem);
  if (faults.length) return refuse(...faults);
  const siteNames = parts.sites.map((_, index) => `D${index}`);
  const { stopNames, stopWays } = parts;
  return {
    ok: true,
    instance: { name, format: 'ronde', problem, stopNames, stopWays, vehicleNames, siteNames, notes: [] },
  };
}
