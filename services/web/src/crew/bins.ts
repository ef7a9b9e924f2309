import type { Asset } from '@ronde/contracts';
import { call } from '../shared/rest.ts';
import { isEnded } from './overlay.ts';
import { assets, hasReach, shownRounds } from './state.ts';
import type { TabletStore } from './tablet-store.ts';

const AT_ONCE = 4;
/** Bins whose fill is asked again when the crew gets near. */
const FRESH_STOPS = 4;

/** Names, notes and fills of the bins in the rounds: fetched with reach, kept for the time without. */
export interface Bins {
  restore(): Promise<void>;
  /** Fetches what is not known yet. */
  complete(): Promise<void>;
  /** Asks the fill of the bins that come next again. */
  refreshNext(openStopIds: readonly string[]): Promise<void>;
}

/** Makes the keeper of bins. */
export function createBins(store: TabletStore): Bins {
  let isBusy = false;
  /** Bins of all rounds, those still to be done first. */
  const wanted = (): Set<string> => {
    const stops = shownRounds.value.flatMap((round) => round.stops);
    return new Set([...stops.filter((stop) => !isEnded(stop)), ...stops].flatMap(({ assetIds }) => assetIds));
  };

  const load = async (ids: readonly string[]): Promise<void> => {
    if (isBusy || ids.length === 0 || !hasReach.value) return;
    isBusy = true;
    const queue = [...ids];
    const got: Asset[] = [];
    const work = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        const answer = await call<Asset>(`/v1/assets/${id}`);
        if (answer.ok) got.push(answer.value);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    isBusy = false;
    if (got.length === 0) return;
    assets.value = new Map([...assets.value, ...got.map((asset) => [asset.id, asset] as const)]);
    const keep = wanted();
    await store.writeAssets(got, (id) => keep.has(id));
  };

  return {
    async restore() {
      const kept = await store.readAssets();
      assets.value = new Map([...kept.map((asset) => [asset.id, asset] as const), ...assets.value]);
    },
    async complete() {
      await load([...wanted()].filter((id) => !assets.value.has(id)));
    },
    async refreshNext(openStopIds) {
      const near = new Set(openStopIds.slice(0, FRESH_STOPS));
      await load(
        shownRounds.value.flatMap(({ stops }) =>
          stops.filter(({ id }) => near.has(id)).flatMap(({ assetIds }) => assetIds),
        ),
      );
    },
  };
}
