import type { AssetState, Quality, Reading } from '@ronde/contracts';
import type { Clock } from '@ronde/kit';
import type { ReadingsStore, SeriesQuery } from './port.ts';
import { createSilence } from './silence.ts';

export interface LiveStateOptions {
  readings: Pick<ReadingsStore, 'lastValues' | 'series'>;
  clock: Pick<Clock, 'nowMs'>;
  tenant: string;
  /** How often a device should speak, seconds; undefined = unknown, then its usual gap is learned. */
  expectedIntervalS: (deviceId: string) => number | undefined;
}

/** Latest fill of one chamber by measurement time. */
export interface ChamberState {
  /** Readings that name no chamber belong to "1", the one that assets have unless they say otherwise. */
  chamber: string;
  fill: number;
  at: string;
  quality: Quality;
  deviceId: string;
}

/** What is known of each asset now, kept in memory. Its owner calls `apply` for accepted readings and `sweep` each minute. */
export interface LiveState {
  /** Reads the last values; to be called once, before `apply`. */
  load(): Promise<void>;
  /** Takes readings of this tenant, in any order; gives the assets whose state changed. */
  apply(readings: readonly Reading[]): string[];
  /** Reads assets from the store again, after their stored readings were corrected; gives those whose state changed. */
  reload(assetIds: readonly string[]): Promise<string[]>;
  /** State of an asset; all null where nothing was ever measured. */
  get(assetId: string): AssetState;
  all(): ReadonlyMap<string, AssetState>;
  chambers(assetId: string): ChamberState[];
  /** Finds assets that fell silent or are heard again since. */
  sweep(): string[];
  /** Forgets an asset that was deleted. */
  remove(assetId: string): void;
}

interface LiveAsset {
  chambers: Map<string, ChamberState & { atMs: number }>;
  /** The sensor that last measured fill, per chamber: one that was replaced may keep silent. */
  fillSensors: Map<string, { deviceId: string; atMs: number }>;
  /** The sensor that last measured anything, for assets that have no fill. */
  anySensor: { deviceId: string; atMs: number } | undefined;
  state: AssetState;
}

const UNKNOWN: AssetState = { fill: null, at: null, quality: null, silent: false };
const CREW_PREFIX = 'crew-';
// about ten uplinks of a sensor with four quantities
const LOOK_BACK = 40;
const ONLY_CHAMBER = '1';

/** Creates the live state of a tenant's assets, not yet loaded. */
export function createLiveState({ readings, clock, tenant, expectedIntervalS }: LiveStateOptions): LiveState {
  const assets = new Map<string, LiveAsset>();
  const states = new Map<string, AssetState>();
  const silence = createSilence(expectedIntervalS);
  /** What was taken in while an asset is read again: newer than the answer that is on its way. */
  const meanwhile = new Map<string, Reading[]>();
  let reloading: Promise<unknown> = Promise.resolve();
  const refresh = (assetId: string, asset: LiveAsset, nowMs: number): boolean => {
    const next = stateOf(asset, (deviceId) => silence.isSilent(deviceId, nowMs));
    const changed = !isSame(asset.state, next);
    asset.state = next;
    states.set(assetId, next);
    return changed;
  };
  const hear = (reading: Reading): void => {
    const measuredMs = Date.parse(reading.at);
    // history that is read in now says nothing about the sensor now
    const heardMs = reading.flags.includes('HISTORY')
      ? measuredMs
      : Math.max(measuredMs, Date.parse(reading.receivedAt));
    if (isSensor(reading)) silence.heard(reading.deviceId, heardMs, measuredMs);
  };
  const apply = (batch: readonly Reading[]): string[] => {
    const touched = new Set<string>();
    for (const reading of batch) {
      hear(reading);
      if (reading.assetId === null) continue;
      meanwhile.get(reading.assetId)?.push(reading);
      take(assetOf(assets, reading.assetId), reading);
      touched.add(reading.assetId);
    }
    const nowMs = clock.nowMs();
    return [...touched].filter((assetId) => refresh(assetId, assets.get(assetId)!, nowMs));
  };
  const readAgain = async (assetIds: readonly string[]): Promise<string[]> => {
    for (const assetId of assetIds) meanwhile.set(assetId, []);
    try {
      const last = await readings.lastValues({ tenant, assetIds: [...assetIds], quantity: 'fill' });
      const byAsset = Map.groupBy(last, ({ assetId }) => assetId);
      const nowMs = clock.nowMs();
      return assetIds.filter((assetId) => {
        const asset = assetOf(assets, assetId);
        asset.chambers.clear();
        for (const reading of [...(byAsset.get(assetId) ?? []), ...(meanwhile.get(assetId) ?? [])])
          take(asset, reading);
        return refresh(assetId, asset, nowMs);
      });
    } finally {
      meanwhile.clear();
    }
  };
  return {
    apply,
    async load() {
      const last = await readings.lastValues({ tenant });
      const sensors = new Set(last.filter(isSensor).map(({ deviceId }) => deviceId));
      const unknown = [...sensors].filter((deviceId) => expectedIntervalS(deviceId) === undefined);
      const recent = (query: RecentQuery) => recentOf(readings, { tenant, toMs: clock.nowMs() + 1, ...query });
      const past = await Promise.all(unknown.map((deviceId) => recent({ deviceId })));
      for (const reading of past.flat()) hear(reading);
      // where a crew had the last word, the sensor's own last word lies behind it
      const crews = last.filter((reading) => reading.assetId !== null && !isSensor(reading));
      const behind = await Promise.all(
        crews.map(({ assetId, chamber, quantity }) => recent({ assetId: assetId!, chamber, quantity })),
      );
      apply([...behind.flat(), ...last]);
    },
    reload(assetIds) {
      // one after the other: two answers about one asset must not overtake each other
      const reloaded = reloading.then(() => readAgain(assetIds));
      reloading = reloaded.then(ignore, ignore);
      return reloaded;
    },
    get: (assetId) => states.get(assetId) ?? UNKNOWN,
    all: () => states,
    chambers: (assetId) =>
      [...(assets.get(assetId)?.chambers.values() ?? [])].map(({ atMs: _, ...chamber }) => chamber),
    sweep() {
      const nowMs = clock.nowMs();
      return [...assets].filter(([assetId, asset]) => refresh(assetId, asset, nowMs)).map(([assetId]) => assetId);
    },
    remove(assetId) {
      assets.delete(assetId);
      states.delete(assetId);
    },
  };
}

const ignore = (): void => undefined;

type RecentQuery = Pick<SeriesQuery, 'deviceId' | 'assetId' | 'chamber' | 'quantity'>;

/** The newest readings, oldest first. */
async function recentOf(
  readings: LiveStateOptions['readings'],
  query: RecentQuery & { tenant: string; toMs: number },
): Promise<Reading[]> {
  const { items } = await readings.series({ ...query, fromMs: 0, limit: LOOK_BACK, descending: true });
  return items.reverse();
}

function isSensor({ deviceId }: Reading): boolean {
  return !deviceId.startsWith(CREW_PREFIX);
}

function assetOf(assets: Map<string, LiveAsset>, assetId: string): LiveAsset {
  const known = assets.get(assetId);
  if (known) return known;
  const asset: LiveAsset = { chambers: new Map(), fillSensors: new Map(), anySensor: undefined, state: UNKNOWN };
  assets.set(assetId, asset);
  return asset;
}

/** Notes what a reading says, unless something newer by measurement time is known; ties as in the store. */
function take(asset: LiveAsset, reading: Reading): void {
  const { deviceId, chamber = ONLY_CHAMBER, quantity, value, quality, at } = reading;
  const sensor = { deviceId, atMs: Date.parse(at) };
  if (isSensor(reading)) {
    if (isNewer(sensor, asset.anySensor)) asset.anySensor = sensor;
    if (quantity === 'fill' && isNewer(sensor, asset.fillSensors.get(chamber))) asset.fillSensors.set(chamber, sensor);
  }
  if (quantity !== 'fill' || quality === 'invalid' || value === null || !isNewer(sensor, asset.chambers.get(chamber)))
    return;
  asset.chambers.set(chamber, { chamber, fill: value, at, quality, ...sensor });
}

function isNewer(
  next: { deviceId: string; atMs: number },
  known: { deviceId: string; atMs: number } | undefined,
): boolean {
  return !known || next.atMs > known.atMs || (next.atMs === known.atMs && next.deviceId >= known.deviceId);
}

function stateOf({ chambers, fillSensors, anySensor }: LiveAsset, isSilent: (deviceId: string) => boolean): AssetState {
  let fullest: (ChamberState & { atMs: number }) | undefined;
  for (const chamber of chambers.values()) {
    if (!fullest || chamber.fill > fullest.fill || (chamber.fill === fullest.fill && chamber.atMs > fullest.atMs))
      fullest = chamber;
  }
  const sensors = fillSensors.size > 0 ? [...fillSensors.values()] : anySensor ? [anySensor] : [];
  const silent = sensors.some(({ deviceId }) => isSilent(deviceId));
  return fullest ? { fill: fullest.fill, at: fullest.at, quality: fullest.quality, silent } : { ...UNKNOWN, silent };
}

function isSame(a: AssetState, b: AssetState): boolean {
  return a.fill === b.fill && a.at === b.at && a.quality === b.quality && a.silent === b.silent;
}
