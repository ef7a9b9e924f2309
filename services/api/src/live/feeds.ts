import type { AssetTuple } from '@ronde/contracts';
import type { Cancel } from '@ronde/kit';
import { isFull } from '@ronde/readings';
import { openKpis } from './kpis.ts';
import type { LiveDeps } from './live.ts';
import type { LiveHub } from './live-hub.ts';
import { openRoundsFeed } from './rounds-feed.ts';

/** What fills the channels of one tenant. */
export interface Feeds {
  close(): void;
}

const KPIS_EVERY_MS = 1000;
/** While nobody looks, the numbers are read this many times more seldom. */
const KPIS_IDLE_SKIP = 30;

/** Fills a hub from the stores and keeps it up to date from the bus and the live state. */
export async function openFeeds(tenant: string, hub: LiveHub, deps: LiveDeps): Promise<Feeds> {
  const ends: Cancel[] = [];
  const close = (): void => ends.splice(0).forEach((end) => end());
  try {
    await fill(tenant, hub, { ...deps, ends });
  } catch (error) {
    // it is tried again while a store is away: nothing of this try may go on listening
    close();
    throw error;
  }
  return { close };
}

async function fill(tenant: string, hub: LiveHub, { ends, ...deps }: LiveDeps & { ends: Cancel[] }): Promise<void> {
  const assets = await openAssetsFeed(tenant, hub, deps);
  ends.push(assets.end);
  const rounds = await openRoundsFeed(tenant, hub, deps);
  ends.push(rounds.end, ...(await openIncidentsFeed(tenant, hub, deps)), openRawFeed(tenant, hub, deps));
  const kpis = await openKpis(tenant, deps, { assets: assets.counts, rounds: rounds.totals });
  ends.push(kpis.end);
  const refresh = async (): Promise<void> => {
    hub.channel('kpis').set('kpis', await kpis.compute());
    if (hub.channel('kpis').pending) hub.touch();
  };
  await refresh();
  let idle = 0;
  ends.push(
    deps.hostClock.every(KPIS_EVERY_MS, () => {
      idle = hub.followers > 0 ? 0 : idle + 1;
      if (idle % KPIS_IDLE_SKIP !== 0) return;
      refresh().catch((error: unknown) => deps.log.warn({ err: error }, 'api.kpis.throw'));
    }),
  );
}

/** Numbers that the strip shows of the assets. */
export interface AssetCounts {
  assets: number;
  full: number;
  silent: number;
}

async function openAssetsFeed(
  tenant: string,
  hub: LiveHub,
  deps: LiveDeps,
): Promise<{ end: Cancel; counts: () => AssetCounts }> {
  const { registry, bus, states } = deps;
  const channel = hub.channel('assets');
  const known = new Set<string>();
  const full = new Set<string>();
  const silent = new Set<string>();
  const mark = (set: Set<string>, id: string, yes: boolean): void => void (yes ? set.add(id) : set.delete(id));
  const show = (id: string): void => {
    const state = states.stateOf(tenant, id);
    known.add(id);
    mark(full, id, isFull(state.fill));
    mark(silent, id, state.silent);
    const tuple: AssetTuple = [
      id,
      state.fill,
      state.at === null ? null : Date.parse(state.at),
      state.quality,
      state.silent ? 1 : 0,
    ];
    channel.set(id, tuple);
  };
  const hide = (id: string): void => {
    channel.remove(id);
    for (const set of [known, full, silent]) set.delete(id);
  };
  // an import writes assets without an event each; a reading may also name an asset that was removed
  const absent = new Set<string>();
  const lookUp = async (ids: string[]): Promise<void> => {
    for (const id of ids) {
      absent.add(id);
      if (!(await registry.assets.get(tenant, id).catch(() => undefined))) continue;
      absent.delete(id);
      show(id);
      hub.touch();
    }
  };
  const ends = [
    bus.on('registry.changed', (change) => {
      if (change.tenant !== tenant || change.kind !== 'asset') return;
      absent.delete(change.id);
      if (change.deleted) hide(change.id);
      else show(change.id);
      hub.touch();
    }),
    states.onChange((change) => {
      if (change.tenant !== tenant) return;
      for (const id of change.assetIds) if (known.has(id)) show(id);
      hub.touch();
      void lookUp(change.assetIds.filter((id) => !known.has(id) && !absent.has(id)));
    }),
  ];
  await states.ready(tenant);
  for (const { id } of await registry.assets.all(tenant)) show(id);
  return {
    end: () => ends.forEach((end) => end()),
    counts: () => ({ assets: known.size, full: full.size, silent: silent.size }),
  };
}

async function openIncidentsFeed(tenant: string, hub: LiveHub, { registry, bus }: LiveDeps): Promise<Cancel[]> {
  const channel = hub.channel('incidents');
  const told = new Set<string>();
  const end = bus.on('incident.changed', (change) => {
    if (change.tenant !== tenant) return;
    const { incident } = change;
    told.add(incident.id);
    if (incident.status === 'resolved') channel.finish(incident.id, incident);
    else channel.set(incident.id, incident);
    hub.touch();
  });
  for (const incident of await registry.incidents.all(tenant, { status: ['open', 'acknowledged', 'shelved'] })) {
    if (!told.has(incident.id)) channel.set(incident.id, incident);
  }
  return [end];
}

function openRawFeed(tenant: string, hub: LiveHub, { bus }: LiveDeps): Cancel {
  const channel = hub.channel('raw');
  return bus.on('uplink.handled', (event) => {
    if (event.tenant !== tenant) return;
    for (const trace of event.items) channel.set(trace.uplinkId, trace);
    hub.touch();
  });
}
