import type { AssetKind, Quality } from '@ronde/contracts';
import type { Band } from '../bands.ts';
import { defineMessages } from './messages.ts';
import { en } from './shared-en.ts';
import { nl } from './shared-nl.ts';

/** Text of the shared parts, in the reader's language. */
export const shared = defineMessages(nl, en);

const KIND_KEYS = {
  'litter-bin': 'kindLitterBin',
  container: 'kindContainer',
  'underground-container': 'kindUndergroundContainer',
  'indoor-bin': 'kindIndoorBin',
  toilet: 'kindToilet',
  'street-section': 'kindStreetSection',
  'bathing-spot': 'kindBathingSpot',
  'parking-space': 'kindParkingSpace',
  'street-light': 'kindStreetLight',
  'measuring-point': 'kindMeasuringPoint',
} as const satisfies Record<AssetKind, keyof typeof nl>;
const BAND_KEYS = {
  low: 'bandLow',
  medium: 'bandMedium',
  high: 'bandHigh',
  full: 'bandFull',
  unknown: 'bandUnknown',
} as const satisfies Record<Band, keyof typeof nl>;
const QUALITY_KEYS = {
  ok: 'qualityOk',
  suspect: 'qualitySuspect',
  invalid: 'qualityInvalid',
  censored: 'qualityCensored',
} as const satisfies Record<Quality, keyof typeof nl>;

/** Names a kind of asset, a band of fill, a quality of a reading. */
export const kindName = (kind: AssetKind): string => shared(KIND_KEYS[kind]);
export const bandName = (band: Band): string => shared(BAND_KEYS[band]);
export const qualityName = (quality: Quality): string => shared(QUALITY_KEYS[quality]);
