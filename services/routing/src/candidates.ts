import {
  toLatLon,
  type AssetInput,
  type Fraction,
  type LatLon,
  type LeftOut,
  type LiftType,
  type LoadPart,
  type Vehicle,
} from '@ronde/contracts';
import { createBreath } from '@ronde/kit';
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
  /** Variance of the two. */
  varKg2: number;
  varL2: number;
  /** Loads per fraction, where one visit collects several. */
  parts?: LoadPart[] | undefined;
  /** When its waste has waited as long as it may. */
  dueMs?: number | undefined;
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
    /** Fractions that one visit collects, where a vehicle keeps several apart; the riskiest one alone when absent. */
    together?: (asset: AssetInput, riskiest: Fraction) => Fraction[] | undefined;
    /** When an asset must have been emptied, whatever its fill. */
    dueMs?: (asset: AssetInput) => number | undefined;
  },
): Promise<{ candidates: Candidate[]; leftOut: LeftOut[] }> {
  const leftOut: LeftOut[] = [];
  const places = new Map<string, Candidate>();
  const breathe = createBreath();
  for (const asset of assets) {
    await breathe();
    if (DEFAULT_VOLUME_L[asset.kind] === 0 || options.exclude.has(asset.id)) continue;
    const outlook = forecaster.outlook(asset.id, options.byMs(asset));
    if (!outlook) {
      leftOut.push({ assetId: asset.id, code: 'no-reading', reason: sayLeftOut('no-reading') });
      continue;
    }
    const dueMs = options.dueMs?.(asset);
    // whoever is left alone now waits until the next opportunity
    const waitsTooLong = dueMs !== undefined && dueMs <= options.byMs(asset);
    const isWorth = preventedBy(outlook) >= MIN_RISK || outlook.fill >= MIN_FILL || options.keep.has(asset.id);
    if (isWorth || waitsTooLong)
      addTo(places, asset, {
        outlook,
        serviceS: (options.serviceS ?? usualServiceS)(asset),
        together: options.together?.(asset, fractionOf(asset, outlook.chamber)),
        dueMs: waitsTooLong ? dueMs : undefined,
      });
    else leftOut.push({ assetId: asset.id, code: 'can-wait', reason: sayLeftOut('can-wait') });
  }
  const isDue = ({ dueMs }: Candidate): number => (dueMs === undefined ? 0 : 1);
  const ranked = [...places.values()].sort(
    (a, b) => isDue(b) - isDue(a) || b.prevented - a.prevented || b.fill - a.fill,
  );
  for (const late of ranked.splice(MAX_CANDIDATES)) {
    for (const { id } of late.assets)
      leftOut.push({ assetId: id, code: 'can-wait', reason: sayLeftOut('can-wait', 'others are more urgent') });
  }
  return { candidates: ranked, leftOut };
}

/** Tells whether a vehicle may serve a place: fractions, lift type, crane, skills and area fit. */
export function fits(
  vehicle: Vehicle,
  { assets, fraction, liftType, parts }: Pick<Candidate, 'assets' | 'fraction' | 'liftType' | 'parts'>,
): boolean {
  const areas = vehicle.areaIds;
  return (
    takes(vehicle, parts?.map((part) => part.fraction) ?? [fraction]) &&
    vehicle.liftTypes.includes(liftType) &&
    assets.every((asset) => canLift(vehicle, asset)) &&
    (!areas?.length || assets.every(({ areaId }) => areaId !== undefined && areas.includes(areaId)))
  );
}

/** Tells whether a vehicle takes fractions in one visit: several only into compartments that keep them apart. */
export function takes({ fractions, compartments }: Vehicle, wanted: readonly Fraction[]): boolean {
  if (!wanted.every((fraction) => fractions.includes(fraction))) return false;
  if (!compartments) return new Set(wanted).size === 1;
  return wanted.every((fraction) => compartments.some((part) => part.fractions.includes(fraction)));
}

/**
 * Says which fractions of an asset one visit collects: all of them, where every vehicle that could come for the riskiest one
 * keeps them apart. Else each vehicle takes what it can, and another one comes for the rest.
 */
export function togetherOf(
  duties: readonly { vehicle: Vehicle }[],
): (asset: AssetInput, riskiest: Fraction) => Fraction[] | undefined {
  const isUsed = duties.some(({ vehicle }) => vehicle.compartments);
  return (asset, riskiest) => {
    const all = [...new Set(asset.chambers.map(({ id }) => fractionOf(asset, id)))].sort();
    if (!isUsed || all.length < 2) return undefined;
    const alone = { assets: [asset], fraction: riskiest, liftType: asset.liftType ?? 'hand' };
    const able = duties.filter(({ vehicle }) => fits(vehicle, alone));
    return able.length > 0 && able.every(({ vehicle }) => takes(vehicle, all)) ? all : undefined;
  };
}

/** A crane that states no reach or strength is taken to be enough, as where nothing is asked. */
function canLift({ skills = [], craneReachM, craneLiftKg }: Vehicle, asset: AssetInput): boolean {
  return (
    (asset.needs ?? []).every((skill) => skills.includes(skill)) &&
    (asset.craneReachM ?? 0) <= (craneReachM ?? Infinity) &&
    (asset.liftWeightKg ?? 0) <= (craneLiftKg ?? Infinity)
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
  {
    outlook,
    serviceS,
    together,
    dueMs,
  }: { outlook: Outlook; serviceS: number; together: Fraction[] | undefined; dueMs: number | undefined },
): void {
  const fraction = fractionOf(asset, outlook.chamber);
  const several = together && together.length > 1 ? together : undefined;
  const liftType = asset.liftType ?? 'hand';
  const position = toLatLon(asset.geometry);
  const cell = [position.lat, position.lon].map((degrees) => Math.round(degrees / SAME_PLACE_DEGREES));
  const { areaId = '', timeWindows = null, needs, craneReachM, liftWeightKg } = asset;
  const alike = JSON.stringify([timeWindows, needs, craneReachM, liftWeightKg]);
  const key = [...cell, several?.join('+') ?? fraction, liftType, areaId, alike].join('|');
  const place = places.get(key) ?? {
    assets: [],
    outlooks: [],
    position,
    fraction,
    liftType,
    loadKg: 0,
    loadL: 0,
    varKg2: 0,
    varL2: 0,
    ...(several && { parts: several.map((part): LoadPart => ({ fraction: part, loadKg: 0, loadL: 0 })) }),
    serviceS: 0,
    risk: 0,
    prevented: 0,
    fill: 0,
    required: false,
  };
  places.set(key, place);
  place.assets.push(asset);
  place.outlooks.push(outlook);
  addLoads(place, asset, outlook);
  place.serviceS += serviceS;
  if (dueMs !== undefined) place.dueMs = Math.min(place.dueMs ?? Infinity, dueMs);
  place.risk = 1 - (1 - place.risk) * (1 - outlook.risk);
  place.prevented += preventedBy(outlook);
  place.fill = Math.max(place.fill, outlook.fill);
  place.required ||= dueMs !== undefined;
  place.required ||= outlook.risk > REQUIRED_RISK && preventedBy(outlook) > REQUIRED_PREVENTED;
}

function addLoads(place: Candidate, asset: AssetInput, { chambers }: Outlook): void {
  for (const fraction of place.parts?.map((part) => part.fraction) ?? [place.fraction]) {
    const { kg, litres, varKg2, varL2 } = loadOf(asset, chambers, fraction);
    const part = place.parts?.find((one) => one.fraction === fraction);
    if (part) [part.loadKg, part.loadL] = [part.loadKg + kg, part.loadL + litres];
    place.loadKg += kg;
    place.loadL += litres;
    place.varKg2 += varKg2;
    place.varL2 += varL2;
  }
}

/** A bin that fills within hours overflows whether it is emptied now or not: that much a visit cannot prevent. */
function preventedBy({ risk, riskEmptied }: Outlook): number {
  return Math.max(0, risk - riskEmptied);
}
