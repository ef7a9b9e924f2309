import { toLatLon, type AssetInput, type Fraction, type LatLon, type LeftOut, type LiftType } from '@ronde/contracts';
import type { Forecaster, Outlook } from './forecaster.ts';
import { sayLeftOut } from './words.ts';

/** One place to stop at: assets that stand together and want the same vehicle. */
export interface Candidate {
  assets: AssetInput[];
  outlooks: Outlook[];
  position: LatLon;
  fraction: Fraction;
  liftType: LiftType;
  loadKg: number;
  volumeL: number;
  serviceS: number;
  /** Chance that at least one of its assets overflows before the next opportunity. */
  risk: number;
  fill: number;
  required: boolean;
}

/** Typical mass of collected waste, kg per litre of container (municipal planning figures; a scale would replace them). */
const DENSITY_KG_PER_L: Record<Fraction, number> = {
  residual: 0.1, paper: 0.06, glass: 0.28, plastic: 0.03, organic: 0.25, textile: 0.12, litter: 0.07,
};
const DEFAULT_VOLUME_L: Record<AssetInput['kind'], number> = {
  'litter-bin': 70, 'indoor-bin': 60, container: 1_100, 'underground-container': 5_000, toilet: 0, 'street-section': 0, 'bathing-spot': 0,
};
const DEFAULT_SERVICE_S: Record<AssetInput['kind'], number> = {
  'litter-bin': 90, 'indoor-bin': 60, container: 150, 'underground-container': 240, toilet: 600, 'street-section': 300, 'bathing-spot': 300,
};
/** Chance from which a stop is no longer a matter of cost (Groningen case study: required if P > 0.99). */
const REQUIRED_RISK = 0.99;
/** Below both, an asset is not worth the solver's time. */
const MIN_RISK = 0.01;
const MIN_FILL = 0.45;
/** Keeps a plan within what the solver improves well in seconds; the least urgent wait. */
const MAX_CANDIDATES = 400;
const SAME_PLACE_DEGREES = 0.00015;

/** Turns assets into places worth weighing, most urgent first, and says why the others are left out. */
export function chooseCandidates(
  assets: AssetInput[],
  forecaster: Forecaster,
  options: { byMs: number; exclude: Set<string>; keep: Set<string> },
): { candidates: Candidate[]; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const places = new Map<string, Candidate>();
  for (const asset of assets) {
    if (DEFAULT_VOLUME_L[asset.kind] === 0 || options.exclude.has(asset.id)) continue;
    const outlook = forecaster.outlook(asset.id, options.byMs);
    if (!outlook) {
      leftOut.push({ assetId: asset.id, code: 'no-reading', reason: sayLeftOut('no-reading') });
      continue;
    }
    const due = outlook.risk >= MIN_RISK || outlook.fill >= MIN_FILL || options.keep.has(asset.id);
    if (due) addTo(places, asset, outlook);
    else leftOut.push({ assetId: asset.id, code: 'can-wait', reason: sayLeftOut('can-wait') });
  }
  const ranked = [...places.values()].sort((a, b) => b.risk - a.risk || b.fill - a.fill);
  for (const late of ranked.splice(MAX_CANDIDATES)) {
    for (const { id } of late.assets) leftOut.push({ assetId: id, code: 'can-wait', reason: sayLeftOut('can-wait', 'others are more urgent') });
  }
  return { candidates: ranked, leftOut };
}

function addTo(places: Map<string, Candidate>, asset: AssetInput, outlook: Outlook): void {
  const fraction = fractionOf(asset, outlook.chamber);
  const liftType = asset.liftType ?? 'hand';
  const position = toLatLon(asset.geometry);
  const cell = [position.lat, position.lon].map((degrees) => Math.round(degrees / SAME_PLACE_DEGREES));
  const key = [...cell, fraction, liftType, JSON.stringify(asset.timeWindows ?? null)].join('|');
  const place = places.get(key) ?? {
    assets: [], outlooks: [], position, fraction, liftType, loadKg: 0, volumeL: 0, serviceS: 0, risk: 0, fill: 0, required: false,
  };
  places.set(key, place);
  place.assets.push(asset);
  place.outlooks.push(outlook);
  for (const { litres, kg } of loadOf(asset, outlook, fraction)) {
    place.volumeL += litres;
    place.loadKg += kg;
  }
  place.serviceS += asset.serviceTimeS ?? DEFAULT_SERVICE_S[asset.kind];
  place.risk = 1 - (1 - place.risk) * (1 - outlook.risk);
  place.fill = Math.max(place.fill, outlook.fill);
  place.required ||= outlook.risk > REQUIRED_RISK;
}

/** What emptying brings aboard: every chamber of the stop's fraction, at its expected fill. */
function loadOf(asset: AssetInput, outlook: Outlook, fraction: Fraction): { litres: number; kg: number }[] {
  return outlook.chambers
    .filter(({ chamber }) => fractionOf(asset, chamber) === fraction)
    .map(({ chamber, fill }) => {
      const volumeL = asset.chambers.find(({ id }) => id === chamber)?.volumeL ?? DEFAULT_VOLUME_L[asset.kind];
      const litres = fill * volumeL;
      return { litres, kg: litres * DENSITY_KG_PER_L[fraction] };
    });
}

function fractionOf(asset: AssetInput, chamber: string): Fraction {
  const found = asset.chambers.find(({ id }) => id === chamber) ?? asset.chambers[0];
  return found?.fraction ?? (asset.kind === 'litter-bin' || asset.kind === 'indoor-bin' ? 'litter' : 'residual');
}
