import type { TagSet } from '../osm/network.ts';
import { accessOf, conditionalTexts } from './access.ts';
import { changesOf, readConditional } from './conditional.ts';
import type { Moment } from '../port.ts';
import type { Profile, Use } from './profile.ts';

/** People walk at 4.5 to 5 km/h; stairs take twice as long. */
const WALK_KMH = 4.8;
const STEPS_KMH = 2.4;
const NOT_ON_FOOT = new Set(['motorway', 'motorway_link', 'trunk', 'trunk_link', 'busway', 'bus_guideway']);
const CROSSING_S = 15;

/** Makes the profile of somebody on foot: both directions everywhere, no turn rules. */
export function createWalking(): Profile {
  const useOf = (tags: TagSet, at: Moment | undefined): Use => {
    const said = accessOf(tags, ['access', 'foot'], { sizes: undefined, at });
    const isOpen = said ?? (!NOT_ON_FOOT.has(tags.highway!) && tags.motorroad !== 'yes');
    const kmh = isOpen ? (tags.highway === 'steps' ? STEPS_KMH : WALK_KMH) : 0;
    return { forwardKmh: kmh, backwardKmh: kmh };
  };
  return {
    useOf,
    passS(tags) {
      if (tags.highway === 'traffic_signals') return CROSSING_S;
      const said = accessOf(tags, ['access', 'foot'], { sizes: undefined, at: undefined });
      return said === false ? undefined : 0;
    },
    turnRule: () => undefined,
    turnS: undefined,
    reverseS: 0,
    changesOf: (tags) => conditionalTexts(tags).flatMap((text) => changesOf(readConditional(text))),
  };
}
