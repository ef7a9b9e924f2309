import type { AssetKind as Kind } from '@ronde/contracts';

// The schema itself would bring zod into the page; this list is checked against its type both ways.
const BY_KIND: Record<Kind, true> = {
  'litter-bin': true,
  container: true,
  'underground-container': true,
  'indoor-bin': true,
  toilet: true,
  'street-section': true,
  'bathing-spot': true,
  'parking-space': true,
  'street-light': true,
  'measuring-point': true,
};

/** Every kind of asset. */
export const AssetKind = Object.keys(BY_KIND) as readonly Kind[];
