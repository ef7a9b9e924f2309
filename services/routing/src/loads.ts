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

/**
 * How far the mass of a litre, and the room it takes when pressed, stray from container to container: standard deviation as a
 * share of the mean. An assumption, to be replaced where crane weights tell.
 */
const DENSITY_SPREAD = 0.25;

/** What emptying brings aboard, expected and with its variance. */
export interface Load {
  kg: number;
  litres: number;
  varKg2: number;
  varL2: number;
}

/**
 * Gives what emptying brings aboard: every chamber of the fraction, at its expected fill (0..1). Its spread is that of the
 * forecast and that of the density.
 */
export function loadOf(
  asset: AssetInput,
  fills: readonly { chamber: string; fill: number; sd?: number | undefined }[],
  fraction: Fraction,
): Load {
  const [kgPerL, pressed] = [DENSITY_KG_PER_L[fraction], COMPACTION[fraction]];
  let [litres, variance] = [0, 0];
  for (const { chamber, fill, sd = 0 } of fills) {
    if (fractionOf(asset, chamber) !== fraction) continue;
    const volumeL = asset.chambers.find(({ id }) => id === chamber)?.volumeL ?? DEFAULT_VOLUME_L[asset.kind];
    litres += fill * volumeL;
    // of a product of independent factors
    variance += volumeL ** 2 * (sd ** 2 * (1 + DENSITY_SPREAD ** 2) + (fill * DENSITY_SPREAD) ** 2);
  }
  return {
    kg: litres * kgPerL,
    litres: litres / pressed,
    varKg2: variance * kgPerL ** 2,
    varL2: variance / pressed ** 2,
  };
}
