import type { Profile, Stop } from '../problem.ts';
import { UNREACHABLE } from '../problem.ts';
import type { Json, JsonReader } from './json-reader.ts';

/** One pass over a section: the broom is down from one end to the other. */
interface Pass {
  readonly from: number;
  readonly to: number;
  readonly lengthM: number;
  readonly serviceS: number;
  readonly backward: boolean;
}

/** A section of street as its file states it. */
export interface Section {
  readonly id: string;
  /** its ways, the first one forward; one of them is driven */
  readonly passes: readonly Pass[];
  readonly stop: Omit<Stop, 'location' | 'serviceS' | 'alternativeTo'>;
}

const DIRECTIONS = ['either', 'forward', 'backward'];

/** Reads sections; one whose two sides are swept becomes two, `id/left` and `id/right`. */
export function readSections(
  reader: JsonReader,
  json: Json,
  common: (stop: Json, at: string) => Section['stop'],
): Section[] {
  return reader.list(json, 'sections', '', { optional: true }).flatMap((section, i) => {
    const at = `sections[${i}].`;
    const id = reader.text(section, 'id', at);
    const [from, to] = [reader.number(section, 'from', at), reader.number(section, 'to', at)];
    const [lengthM, serviceS] = [reader.number(section, 'lengthM', at), reader.number(section, 'serviceS', at)];
    for (const [key, value] of Object.entries({ lengthM, serviceS }))
      if (value < 0) reader.fault(`${at}${key}`, 'must be 0 or more');
    const direction = section.direction === undefined ? 'either' : reader.text(section, 'direction', at);
    if (!DIRECTIONS.includes(direction)) reader.fault(`${at}direction`, `must be one of ${DIRECTIONS.join(', ')}`);
    const stop = common(section, at);
    const forward: Pass = { from, to, lengthM, serviceS, backward: false };
    const backward: Pass = { from: to, to: from, lengthM, serviceS, backward: true };
    const oneWay = reader.flag(section, 'oneWay', at) ?? false;
    if (section.sides !== 'both') {
      const passes =
        direction === 'either' && !oneWay ? [forward, backward] : direction === 'backward' ? [backward] : [forward];
      return [{ id, passes, stop }];
    }
    // the broom is at the kerb: each side is swept with the traffic, and a one-way street twice the same way
    return [
      { id: `${id}/right`, passes: [forward], stop },
      { id: `${id}/left`, passes: [oneWay ? forward : backward], stop },
    ];
  });
}

/** Stops for sections, their locations beyond those of the file: one for each way. */
export function toStops(sections: readonly Section[], locations: number, firstStop: number): Stop[] {
  const stops: Stop[] = [];
  let location = locations;
  for (const { passes, stop } of sections) {
    const first = firstStop + stops.length;
    for (const [way, { serviceS }] of passes.entries()) {
      const { prize, priority, ...rest } = stop;
      const own = way === 0 ? { prize, priority } : { alternativeTo: first };
      const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
      stops.push({ ...rest, ...kept, location: location++, serviceS });
    }
  }
  return stops;
}

/** What turning on the spot costs: sweeping a section back at once, along its other side. */
export interface Turns {
  readonly uTurnS: number;
  readonly uTurnM: number;
}

/** Reads what a turn on the spot costs; nothing when absent. */
export function readTurns(reader: JsonReader, json: Json): Turns {
  return {
    uTurnS: reader.optional(json, 'uTurnS', '') ?? 0,
    uTurnM: reader.optional(json, 'uTurnM', '') ?? 0,
  };
}

/**
 * Adds a row and a column for each way of each section: a way is entered at its first end and left at its other, and its
 * own length is driven. Entering the end just left, the other way round, is a turn on the spot.
 */
export function withSections(
  { distanceM, durationS }: Profile,
  n: number,
  sections: readonly Section[],
  turns: Turns,
): Profile {
  const passes = sections.flatMap((section) => section.passes);
  const size = n + passes.length;
  const [metres, seconds] = [new Int32Array(size * size), new Int32Array(size * size)];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (i === j) continue;
      const [leaving, entering] = [passes[i - n], passes[j - n]];
      const leg = (leaving?.to ?? i) * n + (entering?.from ?? j);
      const turned = leaving !== undefined && leaving.from === entering?.to && leaving.to === entering.from;
      const [turnM, turnS] = turned ? [turns.uTurnM, turns.uTurnS] : [0, 0];
      metres[i * size + j] = Math.min(UNREACHABLE, distanceM[leg]! + turnM + (entering?.lengthM ?? 0));
      seconds[i * size + j] = Math.min(UNREACHABLE, durationS[leg]! + turnS);
    }
  }
  return { distanceM: metres, durationS: seconds };
}
