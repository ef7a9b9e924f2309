import type { AssetInput, Round, Stop } from '@ronde/contracts';
import type { Travel } from '@ronde/travel';
import type { Told } from '@ronde/solver';
import { buildProblem, type BuiltProblem, type Duty } from './build-problem.ts';
import type { Candidate } from './candidates.ts';
import { activeClosures } from './closures.ts';
import { isEnded } from './committed.ts';
import type { RoutingConfig } from './config.ts';
import type { Fleet } from './fleet.ts';
import type { Learnings } from './learnings.ts';

/** The rounds that a move is about as a problem, with the orders before and after it. */
export interface MoveProblem {
  built: BuiltProblem;
  before: Told[];
  after: Told[];
}

export interface MoveGiven {
  stop: Stop;
  duties: Duty[];
  /** Duties that lose and get the stop, by index; the same one for a move within a round. */
  from: number;
  to: number;
  behindStopId: string | null;
}

interface MoveDeps {
  fleet: Fleet;
  travel: Travel;
  config: RoutingConfig;
  learnings: Pick<Learnings, 'familiarTo'>;
  startMs: number;
}

/** Builds the problem of a move: the stops as they are in their rounds, whatever they are worth. */
export async function moveProblem(
  given: MoveGiven,
  { fleet, travel, config, learnings, startMs }: MoveDeps,
): Promise<MoveProblem> {
  const { duties, stop, from, to, behindStopId } = given;
  const assets = new Map(fleet.assets.map((asset) => [asset.id, asset]));
  const orders = duties.map(openStops);
  const indexOf = new Map<Stop, number>();
  const candidates = orders.flat().flatMap((open): Candidate[] => {
    if (open.kind === 'disposal') return [];
    indexOf.set(open, indexOf.size);
    return [candidateOf(open, assets)];
  });
  const all = duties.map((_, index) => index);
  const built = await buildProblem(
    {
      duties,
      sites: fleet.sites,
      candidates,
      keep: new Set(),
      closures: activeClosures(fleet.closures, startMs, Math.max(...duties.map(({ span }) => span.endMs))),
      assignmentOf: () => ({ able: all, pinned: false }),
      familiarTo: (assetId) => learnings.familiarTo(assetId, startMs),
      hours: new Map(fleet.assets.flatMap(({ id, timeWindows }) => (timeWindows?.length ? [[id, timeWindows]] : []))),
      timeZone: fleet.calendar.timeZone,
      calendar: fleet.calendar,
      startMs,
      config,
    },
    travel,
  );
  const toldOf = (stops: Stop[]): Told =>
    stops.flatMap((open): Told => {
      const site = built.sites.findIndex(({ id }) => id === open.siteId);
      if (open.kind === 'disposal') return site < 0 ? [] : [{ kind: 'disposal', index: site }];
      return [{ kind: 'stop', index: indexOf.get(open)! }];
    });
  const moved = orders.map((order, index) => (index === from ? order.filter(({ id }) => id !== stop.id) : [...order]));
  const place = moved[to]!.findIndex(({ id }) => id === behindStopId) + 1;
  moved[to]!.splice(place, 0, stop);
  return { built, before: orders.map(toldOf), after: moved.map(toldOf) };
}

/** Stops of a duty's round that may still change, in their order. */
export function openStops({ round, locked }: Duty): Stop[] {
  return (round?.stops ?? []).filter((stop) => !isEnded(stop) && !locked.includes(stop));
}

/** A stop as a candidate: what its round says of it holds, whatever the forecast says now. */
export function candidateOf(stop: Stop, assets: ReadonlyMap<string, AssetInput>): Candidate {
  const known = stop.assetIds.flatMap((id) => assets.get(id) ?? []);
  const own = known.length > 0 ? known : stop.assetIds.map((id) => standInFor(id, stop));
  return {
    assets: own,
    outlooks: [],
    position: { lat: stop.lat, lon: stop.lon },
    fraction: stop.fraction ?? 'residual',
    liftType: own[0]?.liftType ?? 'hand',
    loadKg: stop.loadKg ?? 0,
    loadL: stop.loadL ?? 0,
    // what its round says of it is a promise, not a forecast
    varKg2: 0,
    varL2: 0,
    parts: stop.parts,
    serviceS: stop.serviceS ?? 0,
    risk: stop.why?.risk ?? 0,
    prevented: 0,
    fill: stop.why?.fill ?? 0,
    required: false,
  };
}

/** An asset that was removed while a round still names it. */
function standInFor(id: string, { lat, lon, name }: Stop): AssetInput {
  return {
    id,
    kind: 'container',
    name: name ?? id,
    geometry: { type: 'Point', coordinates: [lon, lat] },
    chambers: [{ id: '1' }],
  };
}

/** Names a round's state as a person saw it: its version and how far it is. */
export function stateOf({ id, version, stops }: Round): unknown {
  return [id, version, stops.map((stop) => `${stop.id} ${stop.status}`)];
}
