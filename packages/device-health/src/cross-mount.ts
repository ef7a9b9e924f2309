/** A sustained fall of a device's level. */
export interface LevelDrop {
  deviceId: string;
  atMs: number;
}
/** A crew's report that an asset was emptied. */
export interface CrewVisit {
  assetId: string;
  atMs: number;
}
export interface Placement {
  deviceId: string;
  assetId: string;
}

/** What visits tell about where a device really hangs. */
export interface MixUp {
  deviceId: string;
  /** Where the registry says it hangs. */
  assetId: string;
  /** Where its falls say it hangs. */
  likelyAssetId: string;
  /** The device that hangs here instead, when both were swapped. */
  withDeviceId: string | null;
  confidence: number;
  visits: number;
}

/** A fall shows in the first uplink after the visit: up to this long after, and a little before by clocks that differ. */
const AFTER_MS = 3 * 3_600_000;
const BEFORE_MS = 15 * 60_000;
const LEAST_VISITS = 3;
const OWN_AT_MOST = 0.34;
const OTHER_AT_LEAST = 0.75;

/**
 * Finds sensors that hang at another asset than the registry says: their levels fall when the other asset is emptied,
 * and not when their own is. Only assets visited at clearly different times can be told apart; a round that empties
 * neighbours within minutes tells nothing, so visits that several placements explain count for all of them alike.
 */
export function findMixUps(
  placements: readonly Placement[],
  drops: readonly LevelDrop[],
  visits: readonly CrewVisit[],
): MixUp[] {
  const dropsOf = groupTimes(drops, ({ deviceId }) => deviceId);
  const visitsOf = groupTimes(visits, ({ assetId }) => assetId);
  const found: MixUp[] = [];
  for (const { deviceId, assetId } of placements) {
    const times = dropsOf.get(deviceId) ?? [];
    const own = visitsOf.get(assetId) ?? [];
    if (times.length < LEAST_VISITS || own.length < LEAST_VISITS) continue;
    const ownShare = shareAnswered(own, times);
    if (ownShare > OWN_AT_MOST) continue;
    const best = bestOther(assetId, times, visitsOf);
    if (!best || best.share < OTHER_AT_LEAST) continue;
    found.push({
      deviceId,
      assetId,
      likelyAssetId: best.assetId,
      withDeviceId: null,
      confidence: Math.min(0.99, best.share * (1 - ownShare)),
      visits: best.visits,
    });
  }
  return found.map((mixUp) => ({ ...mixUp, withDeviceId: partnerOf(mixUp, found) }));
}

function bestOther(
  ownAssetId: string,
  drops: readonly number[],
  visitsOf: ReadonlyMap<string, number[]>,
): { assetId: string; share: number; visits: number } | undefined {
  let best: { assetId: string; share: number; visits: number } | undefined;
  for (const [assetId, visits] of visitsOf) {
    if (assetId === ownAssetId || visits.length < LEAST_VISITS) continue;
    // both ways: its visits are answered by falls, and its falls are explained by visits
    const share = Math.min(shareAnswered(visits, drops), shareExplained(drops, visits));
    if (!best || share > best.share) best = { assetId, share, visits: visits.length };
  }
  return best;
}

function partnerOf(mixUp: MixUp, all: readonly MixUp[]): string | null {
  const partner = all.find((other) => other.assetId === mixUp.likelyAssetId && other.likelyAssetId === mixUp.assetId);
  return partner?.deviceId ?? null;
}

function shareAnswered(visits: readonly number[], drops: readonly number[]): number {
  return visits.filter((visitMs) => drops.some((dropMs) => isAnswer(visitMs, dropMs))).length / visits.length;
}

function shareExplained(drops: readonly number[], visits: readonly number[]): number {
  return drops.filter((dropMs) => visits.some((visitMs) => isAnswer(visitMs, dropMs))).length / drops.length;
}

function isAnswer(visitMs: number, dropMs: number): boolean {
  return dropMs >= visitMs - BEFORE_MS && dropMs <= visitMs + AFTER_MS;
}

function groupTimes<T extends { atMs: number }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const item of items) {
    const key = keyOf(item);
    const times = groups.get(key);
    if (times) times.push(item.atMs);
    else groups.set(key, [item.atMs]);
  }
  return groups;
}
