import type { TagSet } from '../osm/network.ts';
import { readConditional, valueThatHolds, type Sizes } from './conditional.ts';
import type { Moment } from '../port.ts';
import { readMetres, readTonnes } from './sizes.ts';

/** Values of access tags that let a service vehicle in; a crew has its destination where it collects. */
const OPEN = new Set(['yes', 'permissive', 'designated', 'official', 'destination', 'delivery', 'customers', 'permit']);
const CLOSED = new Set([
  'no',
  'private',
  'agricultural',
  'forestry',
  'emergency',
  'use_sidepath',
  'military',
  'residents',
]);

export interface Context {
  sizes: Sizes | undefined;
  at: Moment | undefined;
}

/**
 * Reads a tag with its conditional form: what holds there goes before the plain value.
 * @returns undefined when neither says anything
 */
export function valueOf(tags: TagSet, key: string, { sizes, at }: Context): string | undefined {
  const conditional = tags[`${key}:conditional`];
  const held = conditional && valueThatHolds(readConditional(conditional), sizes, at);
  return held ?? tags[key];
}

/** Tells whether a hierarchy of access tags, most general first, lets somebody in; undefined when it says nothing. */
export function accessOf(tags: TagSet, keys: readonly string[], context: Context): boolean | undefined {
  for (let i = keys.length - 1; i >= 0; i--) {
    const value = valueOf(tags, keys[i]!, context);
    if (value === undefined) continue;
    if (OPEN.has(value)) return true;
    if (CLOSED.has(value)) return false;
  }
  return undefined;
}

const LIMITS: readonly (readonly [key: string, size: keyof Sizes, read: (text: string) => number | undefined])[] = [
  ['maxweight', 'weight', readTonnes],
  ['maxweight:hgv', 'weight', readTonnes],
  ['maxweightrating', 'weight', readTonnes],
  ['maxweightrating:hgv', 'weight', readTonnes],
  ['maxaxleload', 'axleload', readTonnes],
  ['maxheight', 'height', readMetres],
  ['maxheight:physical', 'height', readMetres],
  ['maxwidth', 'width', readMetres],
  ['maxwidth:physical', 'width', readMetres],
  ['maxlength', 'length', readMetres],
  ['maxlength:hgv', 'length', readMetres],
];

/** Tells whether a vehicle of these sizes keeps within every limit on the way. */
export function fitsWithin(tags: TagSet, context: Context): boolean {
  const { sizes } = context;
  if (!sizes) return true;
  return LIMITS.every(([key, size, read]) => {
    const value = valueOf(tags, key, context);
    const limit = value === undefined ? undefined : read(value);
    return limit === undefined || sizes[size] <= limit;
  });
}

/** Keys that time can change, with their conditional texts. */
export function conditionalTexts(tags: TagSet): string[] {
  return Object.entries(tags).flatMap(([key, value]) => (key.endsWith(':conditional') ? [value] : []));
}
