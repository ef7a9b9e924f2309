import { computed, effect, signal } from '@preact/signals';
import type {
  Area,
  Asset,
  Crew,
  DeltaMessage,
  Depot,
  DisposalSite,
  Incident,
  Kpis,
  Problem,
  Round,
  SnapMessage,
  Stop,
  Vehicle,
} from '@ronde/contracts';
import { formatTime } from '../shared/i18n/format.ts';
import { createAssetStore } from '../shared/live/asset-store.ts';
import { createDocumentStore } from '../shared/live/document-store.ts';
import { createResilientSocket, type LinkState, type ResilientSocket } from '../shared/live/resilient-socket.ts';
import { serverClock, serverNow } from '../shared/live/server-clock.ts';
import type { ChannelMessage } from '../shared/live/resilient-socket.ts';
import { call, listAll } from '../shared/rest.ts';
import { token } from '../shared/session.ts';
import type { Sort } from '../shared/ui/virtual-table.tsx';
import { listBins } from './bin-list.ts';
import { t } from './text.ts';
import { view } from './view.ts';

const RELIST_MS = 1000;

export const assets = createAssetStore((flush) => void requestAnimationFrame(flush));
export const rounds = createDocumentStore<Round>((candidate, current) => candidate.version < current.version);
export const incidents = createDocumentStore<Incident>();
export const kpis = signal<Kpis | undefined>(undefined);
export const areas = signal<readonly Area[]>([]);
export const depots = signal<readonly Depot[]>([]);
export const sites = signal<readonly DisposalSite[]>([]);
export const vehicles = signal<readonly Vehicle[]>([]);
export const crews = signal<readonly Crew[]>([]);

export const link = signal<LinkState>({ kind: 'stopped' });
/** Server time at which the last live message came; null = none yet. */
export const heardMs = signal<number | null>(null);
/** Assets: loading, there, or the reason why not. */
export const assetsStatus = signal<'loading' | 'ready' | Problem>('loading');

export const sort = signal<Sort>({ key: 'fill', isDescending: true });
/** Places the map shows now; undefined = no map. Changes after every move. */
export const mapView = signal<{ contains(point: { lat: number; lon: number }): boolean } | undefined>(undefined);

// Lists follow live values once a second: rows that jump four times a second cannot be read.
const listTick = signal(0);
let relistTimer: ReturnType<typeof setTimeout> | undefined;

/** What the list and the map show now. */
export const bins = computed(() => {
  void listTick.value;
  void assets.documents.value;
  const current = view.value;
  const onMap = current.isInViewOnly ? mapView.value : undefined;
  const isInView =
    onMap &&
    ((index: number): boolean => {
      const [lon, lat] = assets.asset(index).geometry.coordinates;
      return onMap.contains({ lat, lon });
    });
  return listBins(assets, current, sort.value, isInView);
});

/** Driven now, or to be driven: what may still change. */
export const isOpenRound = ({ status }: Round): boolean => status === 'published' || status === 'active';
export const activeRounds = computed(() => rounds.items.value.filter(isOpenRound));
export const openIncidents = computed(() => incidents.items.value.filter(({ status }) => status === 'open'));

let socket: ResilientSocket | undefined;

export function retryLink(): void {
  socket?.retryNow();
}

/** Loads everything and follows it live; the answer stops all of it. */
export function startOps(): () => void {
  const stopRelisting = effect(() => {
    void assets.revision.value;
    relistTimer ??= setTimeout(() => {
      relistTimer = undefined;
      listTick.value += 1;
    }, RELIST_MS);
  });
  const aborter = new AbortController();
  void loadAssets(aborter.signal);
  void loadRest(aborter.signal);
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  socket = createResilientSocket<ChannelMessage>({
    url: `${scheme}://${location.host}/v1/live`,
    token: () => token.value,
    topics: ['assets', 'incidents', 'rounds', 'kpis'],
    onState: (state) => {
      link.value = state;
    },
    onServerTime: (serverTime) => serverClock.observe(serverTime),
    onMessage: (message) => {
      heardMs.value = serverNow();
      receive(message as SnapMessage | DeltaMessage);
    },
  });
  socket.start();
  return () => {
    stopRelisting();
    clearTimeout(relistTimer);
    relistTimer = undefined;
    aborter.abort();
    socket?.stop();
  };
}

/** Applies one live message to the stores. */
export function receive(message: SnapMessage | DeltaMessage): void {
  if (message.type !== 'snap' && message.type !== 'delta') return;
  const removed = message.type === 'delta' ? message.removed : undefined;
  switch (message.topic) {
    case 'assets':
      assets.apply(message.u ?? []);
      if (removed) assets.remove(removed);
      if (assets.missing().length > 0 && assetsStatus.value === 'ready') void loadMissing();
      return;
    case 'incidents':
      return put(incidents, message, removed);
    case 'rounds':
      return put(rounds, message, removed);
    case 'kpis':
      kpis.value = (message.items?.[0] as Kpis | undefined) ?? kpis.value;
      return;
    default:
      return;
  }
}

function put<T extends { id: string }>(
  store: { replace(items: readonly T[]): void; merge(items: readonly T[], removed?: readonly string[]): void },
  message: SnapMessage | DeltaMessage,
  removed: readonly string[] | undefined,
): void {
  const items = (message.items ?? []) as T[];
  if (message.type === 'snap') store.replace(items);
  else store.merge(items, removed);
}

/** Reads all assets, page by page. */
export async function loadAssets(signal?: AbortSignal): Promise<void> {
  assetsStatus.value = 'loading';
  const answer = await listAll<Asset>('/v1/assets', (page) => assets.load(page), signal);
  if (signal?.aborted) return;
  assetsStatus.value = answer.ok ? 'ready' : answer.problem;
  if (answer.ok && assets.missing().length > 0) void loadMissing();
}

let isLoadingMissing = false;
async function loadMissing(): Promise<void> {
  if (isLoadingMissing) return;
  isLoadingMissing = true;
  for (const id of assets.missing()) {
    const answer = await call<Asset>(`/v1/assets/${id}`);
    if (answer.ok) assets.load([answer.value]);
    else assets.remove([id]);
  }
  isLoadingMissing = false;
}

async function loadRest(signal: AbortSignal): Promise<void> {
  const into = async <T>(path: string, target: { value: readonly T[] }): Promise<void> => {
    const all: T[] = [];
    const answer = await listAll<T>(path, (page) => all.push(...page), signal);
    if (answer.ok) target.value = all;
  };
  await Promise.all([
    into('/v1/areas', areas),
    into('/v1/depots', depots),
    into('/v1/disposal-sites', sites),
    into('/v1/vehicles', vehicles),
    into('/v1/crews', crews),
  ]);
}

export const areaName = (id: string | undefined): string =>
  areas.value.find((area) => area.id === id)?.name ?? id ?? '';
export function assetName(id: string): string {
  const index = assets.indexOf(id);
  return index === undefined ? id : assets.asset(index).name;
}
/** Names a stop by itself, else by its first bin or its site. */
export function stopName({ name, assetIds: [first], siteId }: Pick<Stop, 'name' | 'assetIds' | 'siteId'>): string {
  if (first !== undefined) return name ?? assetName(first);
  return name ?? sites.value.find(({ id }) => id === siteId)?.name ?? t('stopDisposal');
}
/** Names a round by its vehicle; by its start too where that vehicle has several. */
export function roundName({ id, vehicleId, startsAt }: Pick<Round, 'id' | 'vehicleId' | 'startsAt'>): string {
  const isAlone = !activeRounds.value.some((other) => other.vehicleId === vehicleId && other.id !== id);
  return isAlone
    ? vehicleName(vehicleId)
    : `${vehicleName(vehicleId)} (${formatTime(Date.parse(startsAt), serverNow())})`;
}
export const vehicleName = (id: string): string => vehicles.value.find((vehicle) => vehicle.id === id)?.name ?? id;
