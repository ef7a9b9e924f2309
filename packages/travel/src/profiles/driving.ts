import type { TagSet } from '../osm/network.ts';
import { accessOf, conditionalTexts, fitsWithin, valueOf, type Context } from './access.ts';
import { changesOf, readConditional, type Sizes } from './conditional.ts';
import type { Moment } from '../port.ts';
import { isOpen, readHours } from './opening-hours.ts';
import type { Profile, ProfileSettings, Use } from './profile.ts';
import { readKmh, readMetres } from './sizes.ts';

/** What tells one kind of motor vehicle from another. */
export interface DrivingKind {
  /** Access tags, most general first. */
  accessKeys: readonly string[];
  /** Undisturbed speed by kind of street in a city, km/h. */
  speedKmh: Readonly<Record<string, number>>;
  /** Names of the vehicle in `except=` and `restriction:…`, most specific last. */
  turnNames: readonly string[];
  maxspeedKeys: readonly string[];
  signalS: number;
  barrierS: number;
  reverseS: number;
  /** Seconds for a turn to the near side, across oncoming traffic, and sharply back. */
  turnS: { near: number; across: number; sharp: number };
}

/** Streets that vehicles may use only where a tag says so. */
const CLOSED_UNLESS_SAID = new Set([
  'pedestrian',
  'busway',
  'bus_guideway',
  'footway',
  'cycleway',
  'path',
  'bridleway',
]);
/** Barriers that can be driven through, as in most routing profiles; others close the road unless a tag opens it. */
const PASSABLE = new Set([
  'gate',
  'lift_gate',
  'swing_gate',
  'cattle_grid',
  'toll_booth',
  'border_control',
  'entrance',
  'sally_port',
  'kerb',
  'height_restrictor',
  'no',
  'hampshire_gate',
]);
// one drives below the limit on average: junctions, parked cars, other traffic
const OF_LIMIT = 0.9;
const ONE_LANE_KMH = 10;

/** Makes the profile of a motor vehicle. */
export function createDriving(kind: DrivingKind, settings: ProfileSettings): Profile {
  const { weightT, axleLoadT, heightM, widthM, lengthM } = settings.dimensions;
  const sizes: Sizes = { weight: weightT, axleload: axleLoadT, height: heightM, width: widthM, length: lengthM };
  const pedestrian = readHours(settings.pedestrianHours) ?? [];

  const mayEnter = (tags: TagSet, context: Context): boolean => {
    const said = accessOf(tags, kind.accessKeys, context);
    if (said !== undefined) return said;
    if (tags.highway === 'pedestrian') return context.at !== undefined && isOpen(pedestrian, context.at);
    return !CLOSED_UNLESS_SAID.has(tags.highway!);
  };
  const useOf = (tags: TagSet, at: Moment | undefined): Use => {
    const context = { sizes, at };
    const speed = speedOf(tags, kind);
    if (speed === 0 || !mayEnter(tags, context) || !fitsWithin(tags, context)) return { forwardKmh: 0, backwardKmh: 0 };
    const { forward, backward } = directions(tags, context, kind.turnNames.includes('hgv'));
    return {
      forwardKmh: forward ? limited(speed, tags, [...kind.maxspeedKeys, 'maxspeed:forward']) : 0,
      backwardKmh: backward ? limited(speed, tags, [...kind.maxspeedKeys, 'maxspeed:backward']) : 0,
    };
  };
  return {
    useOf,
    passS(tags) {
      const signal = tags.highway === 'traffic_signals' ? kind.signalS : 0;
      if (tags.barrier === undefined) return signal;
      const context = { sizes, at: undefined };
      const width = readMetres(tags.width ?? '');
      if (!fitsWithin(tags, context) || (width !== undefined && width < widthM)) return undefined;
      const said = accessOf(tags, kind.accessKeys, context);
      const isPassable = said ?? (PASSABLE.has(tags.barrier) || tags.bollard === 'rising');
      return isPassable ? signal + (tags.barrier === 'kerb' ? 0 : kind.barrierS) : undefined;
    },
    turnRule: (tags, at) => turnRule(tags, kind, { sizes, at }),
    turnS(angleDeg) {
      const size = Math.abs(angleDeg);
      if (size < 45) return 0;
      if (size > 140) return kind.turnS.sharp;
      return angleDeg > 0 === (settings.drivingSide === 'right') ? kind.turnS.near : kind.turnS.across;
    },
    reverseS: kind.reverseS,
    changesOf(tags) {
      const own = conditionalTexts(tags).flatMap((text) => changesOf(readConditional(text)));
      return tags.highway === 'pedestrian' ? [...own, ...pedestrian.flatMap(({ from, to }) => [from, to % 1440])] : own;
    },
  };
}

function speedOf(tags: TagSet, { speedKmh }: DrivingKind): number {
  const base = speedKmh[tags.highway!] ?? (CLOSED_UNLESS_SAID.has(tags.highway!) ? ONE_LANE_KMH : 0);
  if (tags.highway === 'track') return tags.tracktype && !/^grade[12]$/.test(tags.tracktype) ? 0 : base;
  if (tags.highway === 'service' && /^(parking_aisle|driveway|drive-through)$/.test(tags.service ?? ''))
    return Math.min(base, ONE_LANE_KMH);
  const isRough = /^(cobblestone|sett|unhewn_cobblestone|gravel|dirt|ground|sand|grass|unpaved|mud)$/;
  return isRough.test(tags.surface ?? '') ? Math.min(base, 20) : base;
}

function limited(speed: number, tags: TagSet, keys: readonly string[]): number {
  return keys.reduce((least, key) => {
    const limit = tags[key] === undefined ? undefined : readKmh(tags[key]);
    return limit === undefined ? least : Math.min(least, Math.max(5, limit * OF_LIMIT));
  }, speed);
}

function directions(tags: TagSet, context: Context, isTruck: boolean): { forward: boolean; backward: boolean } {
  const own = isTruck ? valueOf(tags, 'oneway:hgv', context) : undefined;
  const value = own ?? valueOf(tags, 'oneway', context);
  if (value === '-1' || value === 'reverse') return { forward: false, backward: true };
  if (value === 'yes' || value === '1' || value === 'true') return { forward: true, backward: false };
  if (value === 'no') return { forward: true, backward: true };
  const isImplied =
    tags.junction === 'roundabout' || tags.junction === 'circular' || /^motorway(_link)?$/.test(tags.highway!);
  // reversible and alternating streets are closed half of the time: nobody plans on them
  if (value === 'reversible' || value === 'alternating') return { forward: false, backward: false };
  return { forward: true, backward: !isImplied };
}

function turnRule(tags: TagSet, { turnNames }: DrivingKind, context: Context): string | undefined {
  const except = (tags.except ?? '').split(';').map((name) => name.trim());
  if (except.some((name) => turnNames.includes(name))) return undefined;
  for (const key of [...turnNames.map((name) => `restriction:${name}`).reverse(), 'restriction']) {
    const value = valueOf(tags, key, context);
    if (value !== undefined) return /^(no|only)_/.test(value) ? value : undefined;
  }
  return undefined;
}
