import type { Tags } from './block.ts';

const WAY_KEYS = new Set([
  'highway',
  'access',
  'vehicle',
  'motor_vehicle',
  'motorcar',
  'hgv',
  'foot',
  'oneway',
  'oneway:hgv',
  'junction',
  'maxspeed',
  'maxspeed:hgv',
  'maxspeed:forward',
  'maxspeed:backward',
  'maxweight',
  'maxweight:hgv',
  'maxweightrating',
  'maxweightrating:hgv',
  'maxaxleload',
  'maxheight',
  'maxheight:physical',
  'maxwidth',
  'maxwidth:physical',
  'maxlength',
  'maxlength:hgv',
  'service',
  'surface',
  'tracktype',
  'sidewalk',
  'motorroad',
]);
const NODE_KEYS = new Set([...WAY_KEYS, 'barrier', 'bollard', 'width']);
const RESTRICTION_KEYS = /^(restriction(:hgv|:motorcar)?(:conditional)?|except)$/;
/** Ways that nobody drives or walks on yet, or any more. */
const NOT_A_ROAD = new Set([
  'proposed',
  'construction',
  'abandoned',
  'razed',
  'platform',
  'corridor',
  'elevator',
  'raceway',
]);

/** Picks the tags that matter for routing; undefined for what is no road. */
export function roadTags(tags: Tags): Record<string, string> | undefined {
  const highway = tags.get('highway');
  if (highway === undefined || NOT_A_ROAD.has(highway) || tags.get('area') === 'yes') return undefined;
  return pick(tags, isRelevant);
}

/** Picks the tags of a barrier or of signals on a road; undefined for other nodes. */
export function nodeTags(tags: Tags): Record<string, string> | undefined {
  const isSignal = tags.get('highway') === 'traffic_signals';
  if (!isSignal && tags.get('barrier') === undefined) return undefined;
  return pick(tags, (key) => isRelevant(key) || NODE_KEYS.has(key));
}

/** Picks the tags of a turn restriction; undefined for other relations. */
export function restrictionTags(tags: Tags): Record<string, string> | undefined {
  const type = tags.get('type');
  if (type !== 'restriction' && !type?.startsWith('restriction:')) return undefined;
  const picked = pick(tags, (key) => RESTRICTION_KEYS.test(key));
  return Object.keys(picked).some((key) => key.startsWith('restriction')) ? picked : undefined;
}

function isRelevant(key: string): boolean {
  return WAY_KEYS.has(key.endsWith(':conditional') ? key.slice(0, -':conditional'.length) : key);
}

function pick(tags: Tags, isWanted: (key: string) => boolean): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [key, value] of tags.entries()) if (isWanted(key)) picked[key] = value;
  return picked;
}
