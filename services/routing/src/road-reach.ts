import { RoadReach, toLatLon, type LatLon, type OffRoad, type Vehicle } from '@ronde/contracts';
import { allow, type Clock, type HttpServer } from '@ronde/kit';
import type { Snap, Travel, TravelOptions } from '@ronde/travel';
import { mayServe } from './candidates.ts';
import type { Fleet } from './fleet.ts';
import { DEFAULT_VOLUME_L } from './loads.ts';

/** Finds out which places vehicles cannot come to as they should, so that somebody mends the map or the place. */
export interface RoadReaches {
  /** Rejects as travel does; what was found is kept until `forget`. */
  report(): Promise<RoadReach>;
  /** Places or vehicles have changed. */
  forget(): void;
}

export interface RoadReachDeps {
  travel: Pick<Travel, 'matrix'>;
  clock: Clock;
  fleet(): Promise<Fleet>;
}

interface Place {
  kind: OffRoad['kind'];
  id: string;
  name: string;
  position: LatLon;
  vehicles: Vehicle[];
}

/** So many at once: a matrix grows with the square, and only its snaps are wanted. */
const CHUNK = 16;
/** So far crews bring a container to the vehicle without a thought, metres. */
const WALKED_M = 50;
const WORSE = ['road', 'far', 'cut-off', 'off-map'] as const satisfies readonly Snap['state'][];

/** Gives reports of what is off the road; made when somebody asks. */
export function createRoadReach({ travel, clock, fleet }: RoadReachDeps): RoadReaches {
  let kept: Promise<RoadReach> | undefined;
  const make = async (): Promise<RoadReach> => {
    const places = placesOf(await fleet());
    const best = new Map<Place, Snap>();
    for (const [options, members] of byWayOfTravel(places)) {
      for (let from = 0; from < members.length; from += CHUNK) {
        const chunk = members.slice(from, from + CHUNK);
        const { snaps } = await travel.matrix(
          chunk.map(({ position }) => position),
          options,
        );
        chunk.forEach((place, index) => {
          const snap = snaps?.[index];
          if (snap && isBetter(snap, best.get(place))) best.set(place, snap);
        });
      }
    }
    const offRoad = places.flatMap((place): OffRoad[] => {
      const snap = best.get(place);
      if (!snap || snap.state === 'road' || isWalked(snap)) return [];
      const { kind, id, name, vehicles } = place;
      const distanceM = snap.distanceM < 0 ? null : snap.distanceM;
      return [{ kind, id, name, state: snap.state, distanceM, vehicleIds: vehicles.map((vehicle) => vehicle.id) }];
    });
    return { at: clock.iso(), hasRoads: best.size > 0, checked: best.size, offRoad: offRoad.sort(worstFirst) };
  };
  return {
    report() {
      if (kept) return kept;
      const made = make();
      kept = made;
      made.catch(() => {
        if (kept === made) kept = undefined;
      });
      return made;
    },
    forget() {
      kept = undefined;
    },
  };
}

/** Adds the route that tells operations what is off the road. */
export function addRoadReachRoute(http: HttpServer, { reach, tenant }: { reach: RoadReaches; tenant: string }): void {
  http.get(
    '/v1/road-reach',
    {
      preHandler: allow('viewer', 'operator', 'engineer', 'admin'),
      schema: {
        tags: ['rounds'],
        summary: 'Places that no vehicle comes to as it should, by the roads that plans travel on',
        response: { 200: RoadReach },
      },
    },
    async ({ principal }) => {
      if (principal.tenant === tenant) return reach.report();
      return { at: new Date(0).toISOString(), hasRoads: false, checked: 0, offRoad: [] };
    },
  );
}

/** Places that vehicles go to, each with those that may; what no vehicle serves has its reason in every plan. */
function placesOf({ assets, depots, sites, vehicles }: Fleet): Place[] {
  const served = assets
    .filter(({ kind }) => DEFAULT_VOLUME_L[kind] > 0)
    .map((asset): Place => {
      const { id, name } = asset;
      const able = vehicles.filter((vehicle) => mayServe(vehicle, asset));
      return { kind: 'asset', id, name, position: toLatLon(asset.geometry), vehicles: able };
    });
  const yards = [...depots.values()].map(({ id, name, position }): Place => {
    return { kind: 'depot', id, name, position, vehicles: vehicles.filter(({ depotId }) => depotId === id) };
  });
  const tips = sites.map(({ id, name, position, fractions }): Place => {
    const able = vehicles.filter((vehicle) => vehicle.fractions.some((fraction) => fractions.includes(fraction)));
    return { kind: 'disposal-site', id, name, position, vehicles: able };
  });
  return [...served, ...yards, ...tips].filter((place) => place.vehicles.length > 0);
}

/** Vehicles of the same measures and hour come to the same places. */
function byWayOfTravel(places: Place[]): [TravelOptions, Place[]][] {
  const ways = new Map<string, [TravelOptions, Place[]]>();
  for (const place of places) {
    const keys = new Set<string>();
    for (const vehicle of place.vehicles) {
      const options = optionsOf(vehicle);
      const key = JSON.stringify(options);
      if (keys.has(key)) continue;
      keys.add(key);
      const way = ways.get(key) ?? [options, []];
      way[1].push(place);
      ways.set(key, way);
    }
  }
  return [...ways.values()];
}

/** As the vehicle drives when its first shift begins: streets that are closed for this hour count as closed. */
function optionsOf({ speedKmh, travelProfile, dimensions, shifts }: Vehicle): TravelOptions {
  const [first] = shifts;
  const [hours = 0, minutes = 0] = (first?.from ?? '').split(':').map(Number);
  const at = { weekday: first?.days?.[0] ?? 1, minute: hours * 60 + minutes };
  return { speedKmh, profile: travelProfile, dimensions, at };
}

/** A street that is shut a few steps from where the vehicle stops is an everyday thing. */
function isWalked({ state, distanceM }: Snap): boolean {
  return state === 'cut-off' && distanceM <= WALKED_M;
}

function isBetter(snap: Snap, known: Snap | undefined): boolean {
  return !known || WORSE.indexOf(snap.state) < WORSE.indexOf(known.state);
}

function worstFirst(a: OffRoad, b: OffRoad): number {
  const rank = ({ state }: OffRoad): number => -WORSE.indexOf(state);
  return rank(a) - rank(b) || (b.distanceM ?? 0) - (a.distanceM ?? 0) || (a.id < b.id ? -1 : 1);
}
