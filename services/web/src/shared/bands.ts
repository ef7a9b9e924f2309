/** The four fill bands and the unknown; each differs in colour, shape and size, never in colour alone. */
export const BANDS = ['low', 'medium', 'high', 'full', 'unknown'] as const;
export type Band = (typeof BANDS)[number];

/** Fill (0…1) from which a band starts. */
export const BAND_FROM = { low: 0, medium: 0.5, high: 0.75, full: 0.9 } as const;

// Chosen for ΔE ≥ 25 in normal, protan, deutan and tritan vision; `bands.test.ts` computes the text contrast.
export const BAND_COLOUR: Record<Band, string> = {
  low: '#2b6ca3',
  medium: '#7fb3d5',
  high: '#f0a202',
  full: '#a3001b',
  unknown: '#5d6973',
};

/** Colour of a number written on a band. */
export const BAND_INK: Record<Band, string> = {
  low: '#ffffff',
  medium: '#000000',
  high: '#000000',
  full: '#ffffff',
  unknown: '#ffffff',
};

/** Finds the band of a fill; null or NaN is unknown. */
export function bandOf(fill: number | null): Band {
  if (fill === null || Number.isNaN(fill)) return 'unknown';
  if (fill >= BAND_FROM.full) return 'full';
  if (fill >= BAND_FROM.high) return 'high';
  return fill >= BAND_FROM.medium ? 'medium' : 'low';
}
