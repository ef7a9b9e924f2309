import { readFileSync } from 'node:fs';
import { generateWaste, parseInstance, writeWaste } from '../../packages/solver/src/index.ts';
import type { Instance, Problem } from '../../packages/solver/src/index.ts';
import { createTown } from '../../packages/solver/src/fixtures.ts';
import type { FixtureOptions } from '../../packages/solver/src/fixtures.ts';
import { sharedData } from '../shared-data.ts';

/** Room that the vehicles of a town without disposal sites have above its load. */
const ROOM = 1.04;

function named(name: string, problem: Problem): Instance {
  return {
    name,
    format: 'ronde',
    problem,
    stopNames: problem.stops.map((_, i) => `${i}`),
    vehicleNames: problem.vehicles.map((_, i) => `${i}`),
    siteNames: (problem.sites ?? []).map((_, i) => `D${i}`),
    notes: [],
  };
}

/** A town of several disposal visits a shift, crew time that costs money, and windows at two stops of three unless said. */
export function madeTown(
  seed: number,
  { windows = true, ...size }: { stops: number; vehicles: number; windows?: boolean },
): Instance {
  const rules = { capacity: 8_000, disposal: true, windows, timeCost: true, shiftS: 28_800 };
  return named(`made-town-${size.stops}-${seed}`, createTown(seed, { ...size, ...rules }));
}

/** A town whose vehicles have hardly more room than there is load; one trip each. */
export function fullTown(
  seed: number,
  { stops, vehicles, ...rules }: Pick<FixtureOptions, 'windows' | 'shiftS'> & { stops: number; vehicles: number },
): Instance {
  const town = createTown(seed, { stops, vehicles, ...rules });
  const total = town.stops.reduce((sum, { load }) => sum + load![0]!, 0);
  const capacity = [Math.ceil((ROOM * total) / vehicles)];
  return named(`full-town-${stops}-${vehicles}${rules.windows ? '-windows' : ''}-${seed}`, {
    ...town,
    stops: town.stops.map((stop) => ({ ...stop, load: stop.load!.slice(0, 1) })),
    vehicles: town.vehicles.map((vehicle) => ({ ...vehicle, capacity })),
  });
}

/** What `ronde solve --generate` makes: windows, shifts, payloads and tip hours bind. */
export function bindingTown(seed: number, stops: number): Instance {
  const parsed = parseInstance(writeWaste(generateWaste({ seed, stops })));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.instance;
}

/** An instance of the shared data by its file there; undefined where those are absent. */
export function sharedInstance(file: string): Instance | undefined {
  const path = sharedData(
    `routing/${/\.\w+$/.test(file) && !file.endsWith('.5') && !file.endsWith('.25') ? file : `${file}.vrp`}`,
  );
  if (!path) return undefined;
  const parsed = parseInstance(readFileSync(path, 'utf8'), { name: file.replace(/^.*\/|\.\w+$/g, '') });
  if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.faults)}`);
  return parsed.instance;
}
