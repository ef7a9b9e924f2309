import { openTravel } from '@ronde/travel';
import type { Travel } from '@ronde/travel';
import { createRandom, generateWaste, measureBinding, parseInstance, writeWaste } from '@ronde/solver';
import type { Binding, WasteMap } from '@ronde/solver';
import { EXIT, Exit } from '../exit.ts';
import { beginFile } from '../output.ts';
import { writeFileSync } from 'node:fs';

/** What to make, from the command line. */
export interface GenerateFlags {
  readonly seed: number;
  readonly stops: number;
  readonly travel?: string;
  readonly around?: string;
  readonly out?: string;
}

/** Searches that show what binds; the same count for everybody, so that figures can be compared. */
const ITERATIONS = 3_000;
const OSM_ATTRIBUTION = 'road graph derived from OpenStreetMap, (c) OpenStreetMap contributors, ODbL 1.0';
const KM_A_DEGREE = 111.32;
/** In place of what cannot be reached, in metres or seconds, of whatever back-end. */
const FAR = 2 ** 29;

interface Circle {
  readonly lat: number;
  readonly lon: number;
  readonly km: number;
}

function readCircle(text: string | undefined): Circle {
  const [lat, lon, km, ...more] = (text ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const inRange = Math.abs(lat!) <= 90 && Math.abs(lon!) <= 180 && km! > 0 && km! <= 100;
  if (more.length || !inRange)
    throw new Exit(
      EXIT.USAGE,
      '--travel needs --around LAT,LON,KM: the middle of the area and its radius, such as 49.41,8.69,4',
    );
  return { lat: lat!, lon: lon!, km: km! };
}

/** Draws places in a circle until enough of them lie on roads that lead there and back. */
async function drawMap(travel: Travel, circle: Circle, { seed, stops }: GenerateFlags): Promise<WasteMap> {
  const random = createRandom(seed);
  const wanted = stops + 3;
  const drawn = Array.from({ length: wanted * 3 }, () => {
    const [far, turn] = [Math.sqrt(random.float()) * circle.km, random.float() * 2 * Math.PI];
    const round = (value: number): number => Math.round(value * 1e6) / 1e6;
    const lat = circle.lat + (far * Math.sin(turn)) / KM_A_DEGREE;
    return {
      lat: round(lat),
      lon: round(circle.lon + (far * Math.cos(turn)) / KM_A_DEGREE / Math.cos((lat * Math.PI) / 180)),
    };
  });
  const { n, distanceM, durationS, snaps } = await travel.matrix(drawn, { speedKmh: 25, profile: 'truck' });
  const onRoad = drawn.map((_, i) => i).filter((i) => !snaps || snaps[i]!.state === 'road');
  const hub = onRoad.find(
    (i) => onRoad.filter((j) => durationS[i * n + j]! < FAR && durationS[j * n + i]! < FAR).length >= wanted,
  );
  if (hub === undefined)
    throw new Exit(
      EXIT.USAGE,
      `fewer than ${wanted} places of the area lie on roads that lead there and back; move --around`,
    );
  const joined = onRoad.filter((i) => durationS[hub * n + i]! < FAR && durationS[i * n + hub]! < FAR);
  // yard and sites at the edge, far from each other
  const east = [...joined].sort((x, y) => drawn[y]!.lon - drawn[x]!.lon);
  const north = [...joined].sort((x, y) => drawn[y]!.lat - drawn[x]!.lat);
  const special = [...new Set([east.at(-1)!, east[0]!, north.at(-1)!, north[0]!, east[1]!])].slice(0, 3);
  const chosen = [...special, ...joined.filter((i) => !special.includes(i))].slice(0, wanted);
  const pick = (matrix: Int32Array): Int32Array =>
    Int32Array.from(chosen.flatMap((i) => chosen.map((j) => matrix[i * n + j]!)));
  return { places: chosen.map((i) => drawn[i]!), roads: { distanceM: pick(distanceM), durationS: pick(durationS) } };
}

async function mapOf(flags: GenerateFlags): Promise<WasteMap | undefined> {
  if (flags.travel === undefined) return undefined;
  const circle = readCircle(flags.around);
  const travel = await openTravel(flags.travel);
  try {
    const map = await drawMap(travel, circle, flags);
    return flags.travel.startsWith('straight-line') ? map : { ...map, attribution: OSM_ATTRIBUTION };
  } finally {
    await travel.close();
  }
}

/** What binds, for a person: how much cheaper a plan gets without each rule, and how often it is tight in the plan. */
function describe({ cost, servedShare, violations, without, tight }: Binding): string[] {
  const rules = Object.entries(without).map(([rule, free]) => {
    const gain = (100 * (cost - free)) / cost;
    const share = Math.round(100 * tight[rule as keyof typeof tight]);
    return `  ${rule.padEnd(9)} ${gain > 0.05 ? `${gain.toFixed(1)} % cheaper without` : 'does not bind: take another seed'}, tight in ${share} %`;
  });
  return [
    `cost ${cost}, ${Math.round(100 * servedShare)} % served, ${violations} violations found by the checker`,
    ...rules,
  ];
}

/** Makes an instance, writes it, and tells on stderr which of its rules bind. */
export async function generate(flags: GenerateFlags): Promise<void> {
  if (flags.out) beginFile(flags.out);
  const file = generateWaste({ seed: flags.seed, stops: flags.stops, map: await mapOf(flags) });
  const text = writeWaste(file);
  if (flags.out) writeFileSync(flags.out, text);
  else process.stdout.write(text);
  const parsed = parseInstance(text);
  if (!parsed.ok) throw new Error(parsed.faults.map(({ field, message }) => `${field}: ${message}`).join('; '));
  const lines = describe(measureBinding(parsed.instance, { iterations: ITERATIONS, seed: 1 }));
  process.stderr.write(`${file.name}: ${lines.join('\n')}\n`);
}
