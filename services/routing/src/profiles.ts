import type { Calendar, LatLon, RoadClosure } from '@ronde/contracts';
import { UNREACHABLE, type Profile, type TravelPeriod } from '@ronde/solver';
import type { Travel } from '@ronde/travel';
import type { Duty } from './build-problem.ts';
import { stepsOf } from './shifts.ts';
import { travelOptionsOf } from './vehicle-travel.ts';

interface Given {
  duties: Duty[];
  timeZone: string;
  closures?: RoadClosure[] | undefined;
  /** Hours in which driving is slower or faster. */
  paces?: Calendar['travelPaces'];
  startMs: number;
}

/** Gives how each duty travels; vehicles that travel alike share a matrix. */
export async function profilesOf(given: Given, positions: LatLon[], travel: Travel): Promise<Profile[]> {
  const { duties, timeZone, closures = [] } = given;
  const byTime = periodsOf(given);
  const made = new Map<string, Promise<Profile>>();
  const profiles = duties.map(({ vehicle, span }) => {
    const options = travelOptionsOf(vehicle, { atMs: span.startMs, timeZone, closures });
    const key = JSON.stringify(options);
    const profile =
      made.get(key) ??
      travel.matrix(positions, options).then((matrix) => (byTime.length > 0 ? { ...matrix, byTime } : matrix));
    made.set(key, profile);
    return profile;
  });
  return Promise.all(profiles);
}

/** A crew on its way when a plan starts left before it. */
const BEFORE_MS = 2 * 3_600_000;

/** Paces of travel by the hour as periods of a plan. */
function periodsOf({ duties, timeZone, paces = [], startMs }: Given): TravelPeriod[] {
  const endMs = Math.max(...duties.map(({ span }) => span.endMs));
  const within = { startMs: startMs - BEFORE_MS, endMs: endMs + BEFORE_MS };
  const steps = stepsOf(paces, { timeZone, within, originMs: startMs }, { valueOf: ({ factor }) => factor, usual: 1 });
  return steps.map(({ fromS, value }) => ({ fromS, factor: value }));
}

/** Below this, seconds on the way to a place are noise. */
const LEAST_APPROACH_S = 5;
/** However quick crews were there, so much of the way remains. */
const LEAST_SHARE = 0.5;

/** Adds to the ways to places what crews taught; profiles that vehicles share stay shared. */
export function withApproach(profiles: Profile[], n: number, extraS: ReadonlyMap<number, number>): Profile[] {
  const told = [...extraS].filter(([, seconds]) => Math.abs(seconds) >= LEAST_APPROACH_S);
  if (told.length === 0) return profiles;
  const made = new Map<Profile, Profile>();
  for (const profile of profiles) {
    if (made.has(profile)) continue;
    const durationS = profile.durationS.slice();
    for (const [to, seconds] of told) {
      for (let from = 0; from < n; from++) {
        const way = durationS[from * n + to]!;
        if (from !== to && way < UNREACHABLE)
          durationS[from * n + to] = Math.max(Math.round(way * LEAST_SHARE), Math.round(way + seconds));
      }
    }
    made.set(profile, { ...profile, durationS });
  }
  return profiles.map((profile) => made.get(profile)!);
}
