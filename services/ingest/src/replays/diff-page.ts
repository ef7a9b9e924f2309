import type { Reading } from '@ronde/contracts';
import { saysTheSame } from '@ronde/readings';
import type { Finished } from '../steps/item.ts';
import type { StoredReadings } from './stored-readings.ts';

/** A reading that decodes otherwise now: `was` null = new, `now` null = no longer given. */
export interface Change {
  was: Reading | null;
  now: Reading | null;
}

/** What reading one uplink again comes to. */
export interface UplinkDiff {
  item: Finished;
  /** What it gave before, and what it would give now. */
  before: readonly Reading[];
  after: readonly Reading[];
  changes: Change[];
}

/** Compares uplinks as they decode now with what the store holds of them. */
export function diffUplinks(finished: readonly Finished[], stored: StoredReadings): UplinkDiff[] {
  return finished.map((item) => diffOne(item, stored));
}

function diffOne(item: Finished, stored: StoredReadings): UplinkDiff {
  const before = stored.ofUplink(item);
  const changes: Change[] = [];
  const after: Reading[] = [];
  const met = new Set<Reading>();
  for (const now of item.readings) {
    const was = stored.at(now);
    if (was && !before.includes(was)) continue; // another uplink's, which stands
    if (was) met.add(was);
    if (was && (saysTheSame(was, now) || isOfAnotherPlace(was, now))) {
      after.push(was);
      continue;
    }
    // a reading keeps the asset it was stored for
    const kept = was ? { ...now, assetId: was.assetId } : now;
    after.push(kept);
    changes.push({ was: was ?? null, now: kept });
  }
  for (const was of before) if (!met.has(was)) changes.push({ was, now: null });
  return { item, before, after, changes };
}

/**
 * A fill that was derived while the device hung on another asset than its history says: the geometry of now would be
 * the wrong one, so it stays.
 */
function isOfAnotherPlace(was: Reading, now: Reading): boolean {
  return was.assetId !== now.assetId && now.flags.includes('DERIVED');
}
