import {
  toLatLon,
  type AssetInput,
  type Fraction,
  type LatLon,
  type LeftOut,
  type LiftType,
  type Vehicle,
} from '@ronde/contracts';
import type { Forecaster, Outlook } from './forecaster.ts';
import { DEFAULT_VOLUME_L, fractionOf, loadOf } from './loads.ts';
import { sayLeftOut } from './words.ts';

/** One place to stop at: assets that stand together and want the same vehicle. */
export interface Candidate {
  assets: AssetInput[];
  outlooks: Outlook[];
  position: LatLon;
  fraction: Fraction;
  liftType: LiftType;
  loadKg: number;
  /** Room it takes in a vehicle, after compaction. */
  loadL: number;
  serviceS: number;
  /** Chance that at least one of its assets overflows before the next opportunity. */
  risk: number;
  /** Overflows before then that emptying now would prevent, expected over its assets. */
  prevented: number;
  fill: number;
  required: boolean;
}

const DEFAULT_SERVICE_S: Record<AssetInput['kind'], number> = {
  'litter-bin': 90,
  'indoor-bin': 60,
  container: 150,
  'underground-container': 240,
  toilet: 600,
  'street-section': 300,
  'bathing-spot': 300,
  'parking-space': 300,
  'street-light': 600,
  'measuring-point': 300,
};
/** Chance from which a stop is no longer a matter of cost (Groningen case study: required if P > 0.99). */
const REQUIRED_RISK = 0.99;
const REQUIRED_PREVENTED = 0.5;
/** Below both, an asset is not worth the solver's time. */
const MIN_RISK = 0.01;
const MIN_FILL = 0.45;
/** Keeps a plan within what the solver improves well in seconds; the least urgent wait. */
const MAX_CANDIDATES = 400;
const SAME_PLACE_DEGREES = 0.00015;
/** Assets looked at before other work gets its turn. */
const ASSETS_AT_ONCE = 100;

/** Gives the seconds of work that an asset usually takes: its own figure, or that of its kind. */
export function usualServiceS({ serviceTimeS, kind }: AssetInput): number {
  return serviceTimeS ?? DEFAULT_SERVICE_S[kind];
}

/** Turns assets into places worth weighing, most urgent first, and says why the others are left out. */
export async function chooseCandidates(
  assets: AssetInput[],
  forecaster: Pick<Forecaster, 'outlook'>,
  options: {
    byMs: (asset: AssetInput) => number;
    exclude: Set<string>;
    keep: Set<string>;
    /** Seconds of work at an asset. */
    serviceS?: (asset: AssetInput) => number;
  },
): Promise<{ candidates: Candidate[]; leftOut: LeftOut[] }> {
  const leftOut: LeftOut[] = [];
  const places = new Map<string, Candidate>();
  for (const [index, asset] of assets.entries()) {
    if (index % ASSETS_AT_ONCE === ASSETS_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    if (DEFAULT_VOLUME_L[asset.kind] === 0 || options.exclude.has(asset.id)) continue;
    const outlook = forecaster.outlook(asset.id, options.byMs(asset));
    if (!outlook) {
      leftOut.push({ assetId: asset.id, code: 'no-reading', reason: sayLeftOut('no-reading') });
      continue;
    }
    const due = preventedBy(outlook) >= MIN_RISK || outlook.fill >= MIN_FILL || options.keep.has(asset.id);
    if (due) addTo(places, asset, { outlook, serviceS: (options.serviceS ?? usualServiceS)(asset) });
    else leftOut.push({ assetId: asset.id, code: 'can-wait', reason: sayLeftOut('can-wait') });
  }
  const ranked = [...places.values()].sort((a, b) => b.prevented - a.prevented || b.fill - a.fill);
  for (const late of ranked.splice(MAX_CANDIDATES)) {
    for (const { id } of late.assets)
      leftOut.push({ assetId: id, code: 'can-wait', reason: sayLeftOut('can-wait', 'others are more urgent') });
  }
  return { candidates: ranked, leftOut };
}

/** Tells whether a vehicle may serve a place: fraction, lift type and area fit. */
export function fits(vehicle: Vehicle, candidate: Pick<Candidate, 'assets' | 'fraction' | 'liftType'>): boolean {
  const areas = vehicle.areaIds;
  return (
    vehicle.fractions.includes(candidate.fraction) &&
    vehicle.liftTypes.includes(candidate.liftType) &&
    (!areas?.length || candidate.assets.every(({ areaId }) => areaId !== undefined && areas.includes(areaId)))
  );
}

/** Tells whether a vehicle may serve any chamber of an asset. */
export function mayServe(vehicle: Vehicle, asset: AssetInput): boolean {
  const liftType = asset.liftType ?? 'hand';
  return asset.chambers.some(({ id }) => fits(vehicle, { assets: [asset], fraction: fractionOf(asset, id), liftType }));
}

function addTo(
  places: Map<string, Candidate>,
  asset: AssetInput,
  { outlook, serviceS }: { outlook: Outlook; serviceS: number },
): void {
  const fraction = fractionOf(asset, outlook.chamber);
  const liftType = asset.liftType ?? 'hand';
  const position = toLatLon(asset.geometry);
  const cell = [position.lat, position.lon].map((degrees) => Math.round(degrees / SAME_PLACE_DEGREES));
  const key = [...cell, fraction, liftType, asset.areaId ?? '', JSON.stringify(asset.timeWindows ?? null)].join('|');
  const place = places.get(key) ?? {
    assets: [],
    outlooks: [],
    position,
    fraction,
    liftType,
    loadKg: 0,
    loadL: 0,
    serviceS: 0,
    risk: 0,
    prevented: 0,
    fill: 0,
    required: false,
  };
  places.set(key, place);
  place.assets.push(asset);
  place.outlooks.push(outlook);
  const { kg, litres } = loadOf(asset, outlook.chambers, fraction);
  place.loadKg += kg;
  place.loadL += litres;
  place.serviceS += serviceS;
  place.risk = 1 - (1 - place.risk) * (1 - outlook.risk);
  place.prevented += preventedBy(outlook);
  place.fill = Math.max(place.fill, outlook.fill);
  place.required ||= outlook.risk > REQUIRED_RISK && preventedBy(outlook) > REQUIRED_PREVENTED;
}

/** A bin that fills within hours overflows whether it is emptied now or not: that much a visit cannot prevent. */
function preventedBy({ risk, riskEmptied }: Outlook): number {
  return Math.max(0, risk - riskEmptied);
}
