import type { LatLon } from '@ronde/contracts';
import type { RoadNetwork } from '../osm/network.ts';
import { createSectionIndex } from './section-index.ts';

/** All streets of the map, open to the vehicle or not: what tells a street that is shut from a place without one. */
export interface Streets {
  /** Metres to the nearest street; undefined when none is within the distance. */
  nearestM(position: LatLon, withinM: number): number | undefined;
}

/** Kinds of way that a container may be meant to stand at. */
const STREET =
  /^(motorway|trunk|primary|secondary|tertiary|unclassified|residential|living_street|service|road|pedestrian|track)/;

/** Gives the streets of a network; the index is made when it is first asked. */
export function createStreets(network: RoadNetwork): Streets {
  const isStreet = network.tagSets.map(({ highway = '' }) => STREET.test(highway));
  let index: ReturnType<typeof createSectionIndex> | undefined;
  return {
    nearestM(position, withinM) {
      index ??= createSectionIndex(network, { sectionStart: network.wayStart, sectionNodes: network.wayNodes });
      return index.nearest(position, withinM, (way) => isStreet[network.wayTags[way]!]!)?.distanceM;
    },
  };
}
