import { Fraction, type AssetInput } from '@ronde/contracts';

/** The solver knows fractions by their place in this list. */
export const FRACTIONS = Fraction.options;

/** Typical mass of collected waste, kg per litre of container (municipal planning figures; a scale would replace them). */
const DENSITY_KG_PER_L: Record<Fraction, number> = {
  residual: 0.1,
  paper: 0.06,
  glass: 0.28,
  plastic: 0.03,
  organic: 0.25,
  textile: 0.12,
  litter: 0.07,
};
/** How far a lorry's body presses waste together; glass stays as it is. */
const COMPACTION: Record<Fraction, number> = {
  residual: 4,
  paper: 4,
  glass: 1,
  plastic: 5,
  organic: 1.5,
  textile: 2,
  litter: 4,
};
/** Litres of an asset that states no volume; 0 = nothing to collect there. */
export const DEFAULT_VOLUME_L: Record<AssetInput['kind'], number> = {
  'litter-bin': 70,
  'indoor-bin': 60,
  container: 1_100,
  'underground-container': 5_000,
  toilet: 0,
  'street-section': 0,
  'bathing-spot': 0,
  'parking-space': 0,
  'street-light': 0,
  'measuring-point': 0,
};

/** Gives the fraction of a chamber of an asset; bins without one hold litter, containers residual waste. */
export function fractionOf(asset: AssetInput, chamber: string): Fraction {
  const found = asset.chambers.find(({ id }) => id === chamber) ?? asset.chambers[0];
  return found?.fraction ?? (asset.kind === 'litter-bin' || asset.kind === 'indoor-bin' ? 'litter' : 'residual');
}

/** Gives what emptying brings aboard: every chamber of the fraction, at its expected fill (0..1). */
export function loadOf(
  asset: AssetInput,
  fills: readonly { chamber: string; fill: number }[],
  fraction: Fraction,
): { kg: number; litres: number } {
  let litres = 0;
  for (const { chamber, fill } of fills) {
    if (fractionOf(asset, chamber) !== fraction) continue;
    litres += fill * (asset.chambers.find(({ id }) => id === chamber)?.volumeL ?? DEFAULT_VOLUME_L[asset.kind]);
  }
  return { kg: litres * DENSITY_KG_PER_L[fraction], litres: litres / COMPACTION[fraction] };
}
