import type { LatLon } from '@ronde/contracts';
import { closedSections } from './graph/closures.ts';
import type { SectionIndex } from './graph/section-index.ts';
import { createEnds, type Ends, type Landing } from './graph/ends.ts';
import { lineOf } from './graph/line.ts';
import type { Streets } from './graph/streets.ts';
import type { Topology } from './graph/weigh.ts';
import { manyToMany } from './hierarchy/many-to-many.ts';
import { createPathSearch } from './hierarchy/path.ts';
import { dmOf, msOf } from './hierarchy/weight.ts';
import { straightLineLeg, straightLinePath } from './adapters/straight-line.ts';
import type { Prepared } from './prepare.ts';
import {
  UNREACHABLE,
  type Closure,
  type Snap,
  type TravelMatrix,
  type TravelOptions,
  type TravelPath,
} from './port.ts';
import type { ProfileSettings } from './profiles/index.ts';

/** Farther from any road than this, a position is not on the map. */
const OFF_MAP_M = 1000;
/** Farther than a crew walks to a container. */
const FAR_M = 100;
/** A road this much nearer that the vehicle cannot use is worth telling. */
const CUT_OFF_M = 25;

/** One profile at one hour with its closures, ready for questions. */
export interface Engine {
  matrix(positions: LatLon[], options: Pick<TravelOptions, 'speedKmh' | 'approach'>): TravelMatrix;
  paths(positions: LatLon[], options: Pick<TravelOptions, 'speedKmh' | 'approach'>): TravelPath[];
}

/** Gives the answers of a prepared graph. */
export function createEngine({ topology, weighted, hierarchy, index, streets }: Prepared): Engine {
  const ends = createEnds(topology, weighted, hierarchy);
  const findPath = createPathSearch(hierarchy);
  const land = (positions: LatLon[], approach: TravelOptions['approach']) =>
    positions.map((position) => landingOf(position, { index, streets, ends, approach }));

  return {
    matrix(positions, { speedKmh, approach }) {
      const n = positions.length;
      const landings = land(positions, approach);
      const distanceM = new Int32Array(new SharedArrayBuffer(4 * n * n));
      const durationS = new Int32Array(new SharedArrayBuffer(4 * n * n));
      const sources = landings.map(({ landing }) => ends.sourceSeeds(landing));
      const targets = landings.map(({ landing }) => ends.targetSeeds(landing));
      manyToMany(hierarchy, { sources, targets }, (from, weights) => {
        for (let to = 0; to < n; to++) {
          if (from === to) continue;
          const at = from * n + to;
          const [a, b] = [landings[from]!.landing, landings[to]!.landing];
          if (!a || !b) {
            const leg = straightLineLeg(positions[from]!, positions[to]!, speedKmh);
            [distanceM[at], durationS[at]] = [leg.distanceM, leg.durationS];
            continue;
          }
          const weight = Math.min(weights[to]!, a.section === b.section ? ends.along(a, b) : Infinity);
          distanceM[at] = weight === Infinity ? UNREACHABLE : Math.round(dmOf(weight) / 10);
          durationS[at] = weight === Infinity ? UNREACHABLE : Math.round(msOf(weight) / 1000);
        }
      });
      return { n, distanceM, durationS, snaps: landings.map(({ snap }) => snap) };
    },
    paths(positions, { speedKmh, approach }) {
      const landings = land(positions, approach);
      return landings.slice(1).map(({ landing: b }, i): TravelPath => {
        const a = landings[i]!.landing;
        const straight = (): TravelPath => straightLinePath(positions[i]!, positions[i + 1]!, speedKmh);
        if (!a || !b) return straight();
        const direct = a.section === b.section ? ends.along(a, b) : Infinity;
        const found = findPath(ends.sourceSeeds(a), ends.targetSeeds(b));
        const weight = Math.min(direct, found?.weight ?? Infinity);
        if (weight === Infinity) return straight();
        const nodes = found && found.weight < direct ? found.nodes : undefined;
        return {
          distanceM: Math.round(dmOf(weight) / 10),
          durationS: Math.round(msOf(weight) / 1000),
          line: { type: 'LineString', coordinates: lineOf(topology, ends, { from: a, to: b, nodes }) },
        };
      });
    },
  };
}

/** Marks what closures shut for these settings, on this topology. */
export function shutBy(
  closures: readonly Closure[],
  { topology, settings, index }: { topology: Topology; settings: ProfileSettings; index: SectionIndex },
): Uint8Array | undefined {
  return closedSections(closures, settings.dimensions, { network: topology.network, graph: topology.graph, index });
}

interface Ground {
  streets: Streets;
  index: SectionIndex;
  ends: Ends;
  approach: TravelOptions['approach'];
}

function landingOf(
  position: LatLon,
  { index, streets, ends, approach }: Ground,
): { landing: Landing | undefined; snap: Snap } {
  const usable = index.nearest(position, OFF_MAP_M, ends.isUsable);
  if (!usable) return { landing: undefined, snap: { distanceM: -1, state: 'off-map' } };
  const distanceM = Math.round(usable.distanceM);
  const nearerM = streets.nearestM(position, usable.distanceM) ?? usable.distanceM;
  const isCutOff = usable.distanceM - nearerM > CUT_OFF_M;
  const state = isCutOff ? 'cut-off' : distanceM > FAR_M ? 'far' : 'road';
  return { landing: ends.land(usable, approach), snap: { distanceM, state } };
}
