import type { DisposalSite, Stop, Vehicle, Window } from '../problem.ts';
import type { Json, JsonReader } from './json-reader.ts';

/** Names that other parts of a file refer to. */
export interface Names {
  /** waste fractions, by number */
  readonly fractions: readonly string[];
  readonly vehicles: readonly string[];
  /** kinds of travel, each with its matrices */
  readonly profiles: readonly string[];
  /** trucks can tip somewhere */
  readonly tipping: boolean;
  /** chance of an overload that a trip may have; loads are taken as they stand when absent */
  readonly overloadChance: number | undefined;
}

/** Index of a name; a fault when it is not there. */
function indexOf(reader: JsonReader, names: readonly string[], name: string, field: string): number {
  const index = names.indexOf(name);
  if (index < 0) reader.fault(field, `"${name}" is not one of ${names.join(', ') || 'none'}; add it, or correct it`);
  return Math.max(0, index);
}

/** The names under `fractions`, or one nameless fraction. */
export function readFractions(reader: JsonReader, json: Json): readonly string[] {
  const names = reader.texts(json, 'fractions', '') ?? [];
  if (names.length > 31) reader.fault('fractions', 'are more than 31; join some');
  return names;
}

function isPair(value: unknown): value is Window {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((each) => typeof each === 'number' && Number.isFinite(each))
  );
}

/** Windows of a list, or of the one pair that the waste files have; undefined when both are absent or null. */
function readWindows(reader: JsonReader, json: Json, at: string): readonly Window[] | undefined {
  const [one, many] = [json.timeWindow ?? undefined, json.timeWindows ?? json.windows ?? undefined];
  if (one !== undefined && !isPair(one)) reader.fault(`${at}timeWindow`, 'must be [from, to] in seconds, or null');
  const listed = Array.isArray(many) && many.every(isPair);
  const key = json.windows === undefined ? 'timeWindows' : 'windows';
  if (many !== undefined && !listed) reader.fault(`${at}${key}`, 'must be a list of [from, to] in seconds, or null');
  if (listed) return many as Window[];
  return isPair(one) ? [one] : undefined;
}

/** Members that are there; an absent one stays absent. */
function given<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** What a stop and a section of street have in common. */
export function readStop(
  reader: JsonReader,
  json: Json,
  at: string,
  names: Names,
): Omit<Stop, 'location' | 'serviceS' | 'alternativeTo'> {
  // a section of street has ends, and need not load anything
  const kg = json.from === undefined ? reader.number(json, 'kg', at) : (reader.optional(json, 'kg', at) ?? 0);
  const litres = reader.optional(json, 'litres', at);
  const kgSd = reader.optional(json, 'kgSd', at);
  const vehicles = reader.texts(json, 'vehicles', at);
  const required = reader.flag(json, 'required', at) ?? true;
  return given({
    load: litres === undefined ? [kg] : [kg, litres],
    loadVariance: kgSd === undefined ? undefined : litres === undefined ? [kgSd ** 2] : [kgSd ** 2, 0],
    windows: readWindows(reader, json, at),
    prize: required ? undefined : reader.number(json, 'prizeM', at),
    priority: reader.optional(json, 'priority', at),
    releaseS: reader.optional(json, 'releaseS', at),
    fraction:
      json.fraction === undefined
        ? undefined
        : indexOf(reader, names.fractions, reader.text(json, 'fraction', at), `${at}fraction`),
    allowedVehicles: vehicles?.map((id) => indexOf(reader, names.vehicles, id, `${at}vehicles`)),
  });
}

/** Reads dumps; tipping takes dumpServiceS where a dump does not say. */
export function readSites(reader: JsonReader, json: Json, names: Names): DisposalSite[] {
  const dumps = reader.list(json, 'dumps', '', { optional: json.sections !== undefined });
  return dumps.map((dump, i) => {
    const at = `dumps[${i}].`;
    const tippingS = reader.optional(dump, 'serviceS', at) ?? reader.number(json, 'dumpServiceS', '');
    const fractions = reader.texts(dump, 'fractions', at);
    return {
      location: reader.number(dump, 'index', at),
      tippingS,
      ...given({
        windows: readWindows(reader, dump, at),
        fractions: fractions?.map((name) => indexOf(reader, names.fractions, name, `${at}fractions`)),
      }),
    };
  });
}

/** A vehicle, and the fractions it takes; all when undefined. */
export interface ReadVehicle {
  readonly vehicle: Vehicle;
  readonly takes?: ReadonlySet<number>;
}

/** Reads a vehicle; where there are dumps it must come back empty, unless endEmpty is false. */
export function readVehicle(reader: JsonReader, json: Json, at: string, names: Names): ReadVehicle {
  const litres = reader.optional(json, 'capacityL', at);
  const pair = json.shift ?? undefined;
  if (pair !== undefined && !isPair(pair)) reader.fault(`${at}shift`, 'must be [from, to] in seconds');
  const shift: Window = isPair(pair) ? pair : [0, reader.number(json, 'shiftS', at)];
  const kg = names.tipping ? reader.number(json, 'capacityKg', at) : reader.optional(json, 'capacityKg', at);
  const takes = reader
    .texts(json, 'fractions', at)
    ?.map((name) => indexOf(reader, names.fractions, name, `${at}fractions`));
  const vehicle: Vehicle = {
    startLocation: reader.optional(json, 'start', at) ?? 0,
    endLocation: reader.optional(json, 'end', at) ?? 0,
    shift,
    mustEndEmpty: reader.flag(json, 'endEmpty', at) ?? names.tipping,
    ...given({
      overloadChance: names.overloadChance,
      capacity: kg === undefined ? undefined : litres === undefined ? [kg] : [kg, litres],
      profile:
        json.profile === undefined
          ? undefined
          : indexOf(reader, names.profiles, reader.text(json, 'profile', at), `${at}profile`),
      maxDurationS: reader.optional(json, 'maxDurationS', at),
      fixedCost: reader.optional(json, 'fixedCost', at),
      costPerM: reader.optional(json, 'costPerM', at),
      costPerS: reader.optional(json, 'costPerS', at),
    }),
  };
  return takes ? { vehicle, takes: new Set(takes) } : { vehicle };
}
