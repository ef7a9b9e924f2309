import type { DisposalSite, Fraction, LatLon, LoadPart, Stop } from '@ronde/contracts';
import type { BuiltProblem } from './build-problem.ts';
import { partsOf } from './committed.ts';

interface Given {
  built: BuiltProblem;
  /** Duty, and so vehicle of the problem. */
  index: number;
  executed: Stop[];
  planned: Stop[];
  /** Aboard before the first stop. */
  aboardAtStart?: LoadPart[] | undefined;
  /** When the solver's route ends, where it is known. */
  endS?: number | undefined;
}

/**
 * Ends a round with a tip when something will be aboard, also where the solver found no way to (a shift that is over, a
 * site that closes): a crew must not come home loaded. Gives the way home and the time of return too.
 * @returns `endMs` undefined when no work is left
 */
export function withLastTip(
  given: Given,
  tipAt: (site: DisposalSite, times: { eta: string; legM: number }) => Stop,
): { stops: Stop[]; homeM: number; endMs: number | undefined } {
  const { built, index, executed } = given;
  const duty = built.duties[index]!;
  const leg = createLeg(built, index);
  const stops = [...given.planned];
  const startS = built.problem.vehicles[index]!.shift?.[0] ?? 0;
  const origin = { ...duty.depot.position, eta: new Date(built.startMs + startS * 1000).toISOString() };
  const from = (): Leaving => stops.at(-1) ?? executed.at(-1) ?? origin;
  const aboard = aboardAtEnd(given, duty.vehicle.fractions[0]!);
  for (let site = bestSite(built, aboard, from(), leg); site; site = bestSite(built, aboard, from(), leg)) {
    const { metres, seconds } = leg(from(), site.position);
    stops.push(tipAt(site, { eta: new Date(leavesMs(from()) + seconds * 1000).toISOString(), legM: metres }));
    for (const fraction of site.fractions) aboard.delete(fraction);
  }
  const home = leg(from(), duty.depot.position);
  const end = stops.at(-1);
  // rests, queues and slower hours are in the route's own end; only a tip put behind it makes another one
  const isOwn = given.endS !== undefined && stops.length === given.planned.length;
  const endMs = isOwn ? built.startMs + given.endS! * 1000 : end && leavesMs(end) + home.seconds * 1000;
  return { stops, homeM: home.metres, endMs: end && endMs };
}

/** Fractions that would come home: of stops done and planned, since the last tip. */
function aboardAtEnd({ built, index, executed, planned, aboardAtStart }: Given, usual: Fraction): Set<Fraction> {
  const aboard = new Set<Fraction>(aboardAtStart?.map(({ fraction }) => fraction));
  const done = executed.filter(({ status }) => status === 'done');
  for (const stop of [...done, ...planned]) {
    if (stop.kind === 'asset') for (const { fraction } of partsOf(stop, usual)) aboard.add(fraction);
    else aboard.clear();
  }
  // a depot that takes the load is a tip too
  const home = built.problem.vehicles[index]!.endLocation;
  for (const site of built.sites)
    if (built.placeOf(site.position) === home) for (const fraction of site.fractions) aboard.delete(fraction);
  // and what may stay aboard overnight needs none
  for (const fraction of built.duties[index]!.depot.mayParkLoaded ?? []) aboard.delete(fraction);
  return aboard;
}

function bestSite(built: BuiltProblem, aboard: Set<Fraction>, from: LatLon, leg: Leg): DisposalSite | undefined {
  const refused = ({ fractions }: DisposalSite): number =>
    [...aboard].filter((fraction) => !fractions.includes(fraction)).length;
  return built.sites
    .filter((site) => refused(site) < aboard.size)
    .sort((a, b) => refused(a) - refused(b) || leg(from, a.position).metres - leg(from, b.position).metres)[0];
}

/** A place that a vehicle leaves when its work there is over. */
type Leaving = LatLon & Pick<Stop, 'eta' | 'serviceS'>;

function leavesMs({ eta, serviceS }: Leaving): number {
  return Date.parse(eta) + (serviceS ?? 0) * 1000;
}

type Leg = (from: LatLon, to: LatLon) => { metres: number; seconds: number };

function createLeg({ problem, placeOf }: BuiltProblem, index: number): Leg {
  const { distanceM, durationS } = problem.profiles[problem.vehicles[index]!.profile ?? 0]!;
  return (from, to) => {
    const [a, b] = [placeOf(from), placeOf(to)];
    // every place that can be asked for is in the problem: stops, sites and depots
    if (a === undefined || b === undefined) return { metres: 0, seconds: 0 };
    return { metres: distanceM[a * problem.locations + b]!, seconds: durationS[a * problem.locations + b]! };
  };
}
