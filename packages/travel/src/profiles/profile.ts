import type { TagSet } from '../osm/network.ts';
import type { Dimensions, Moment, ProfileName } from '../port.ts';

/** Everything that decides how streets may be used; equal settings share one graph. */
export interface ProfileSettings {
  profile: ProfileName;
  dimensions: Required<Dimensions>;
  /** Opening hours of streets for pedestrians that carry no rule of their own; empty = never open to vehicles. */
  pedestrianHours: string;
  /** The side that traffic keeps to. */
  drivingSide: 'right' | 'left';
}

/** How a way is used in each of its two directions, km/h; 0 = not at all. */
export interface Use {
  forwardKmh: number;
  backwardKmh: number;
}

/** A kind of movement: pure functions over tags. */
export interface Profile {
  /** The way's use at a moment; undefined = with every conditional rule about time left out. */
  useOf(tags: TagSet, at: Moment | undefined): Use;
  /** Seconds lost at a barrier or at signals; undefined = no way through. */
  passS(tags: TagSet): number | undefined;
  /** The tag value of the restriction in force ("no_left_turn"), or undefined. */
  turnRule(tags: TagSet, at: Moment | undefined): string | undefined;
  /** What a turn costs by its angle in degrees, 0 = straight on, positive = to the right; undefined where none count. */
  turnS: ((angleDeg: number) => number) | undefined;
  /** What turning round at the end of a street costs. */
  reverseS: number;
  /** Tags and pedestrian hours whose meaning changes with time: minutes of the day at which that may be. */
  changesOf(tags: TagSet): number[];
}

const DIMENSIONS: Record<ProfileName, Required<Dimensions>> = {
  // a three-axle rear loader: Dutch legal mass 26 t, EU 96/53/EC axle 11.5 t and width 2.55 m
  truck: { weightT: 26, axleLoadT: 11.5, heightM: 3.7, widthM: 2.55, lengthM: 10 },
  car: { weightT: 3.5, axleLoadT: 2, heightM: 2.6, widthM: 2.1, lengthM: 6 },
  walking: { weightT: 0, axleLoadT: 0, heightM: 0, widthM: 0, lengthM: 0 },
};

/** Fills in what was not said. */
export function settingsOf(given: {
  profile?: ProfileName | undefined;
  dimensions?: Dimensions | undefined;
  pedestrianHours?: string | undefined;
  drivingSide?: 'right' | 'left' | undefined;
}): ProfileSettings {
  const profile = given.profile ?? 'truck';
  const base = DIMENSIONS[profile];
  const own = given.dimensions ?? {};
  return {
    profile,
    dimensions: {
      weightT: own.weightT ?? base.weightT,
      axleLoadT: own.axleLoadT ?? base.axleLoadT,
      heightM: own.heightM ?? base.heightM,
      widthM: own.widthM ?? base.widthM,
      lengthM: own.lengthM ?? base.lengthM,
    },
    pedestrianHours: given.pedestrianHours ?? '06:00-11:00',
    drivingSide: given.drivingSide ?? 'right',
  };
}
