import type { AssetState, DeviceRecord } from '@ronde/contracts';
import { tryNowOrLater, type Cancel, type Service } from '@ronde/kit';
import { createLiveState, type LiveState } from '@ronde/readings';
import type { ApiConfig } from './config.ts';
import { UNKNOWN_STATE, type ApiDeps, type SensorTypeCatalogue } from './deps.ts';

/** Assets whose state changed, by readings, by silence or by being removed. */
export interface StateChange {
  tenant: string;
  assetIds: readonly string[];
}

/** Latest state of the assets of all tenants; a tenant is loaded when it is first needed. */
export interface States extends Service {
  ready(tenant: string): Promise<void>;
  stateOf(tenant: string, assetId: string): AssetState;
  onChange(listener: (change: StateChange) => void): Cancel;
}

/** Silence is looked for this often, platform time. */
const SWEEP_EVERY_MS = 60_000;

/** Creates the states: owner of one live state per tenant, fed by the bus. */
export function createStates(config: ApiConfig, deps: ApiDeps): States {
  const { bus, clock, log } = deps;
  const loading = new Map<string, Promise<LiveState>>();
  const loaded = new Map<string, LiveState>();
  const listeners = new Set<(change: StateChange) => void>();
  const ends: Cancel[] = [];
  const ending = new AbortController();
  const tell = (tenant: string, assetIds: readonly string[]): void => {
    if (assetIds.length > 0) for (const listener of listeners) listener({ tenant, assetIds });
  };
  const open = async (tenant: string): Promise<LiveState> => {
    const given = tenant === config.TENANT ? deps.liveState : undefined;
    const state = given ?? (await loadState(tenant, deps, ends));
    loaded.set(tenant, state);
    tell(tenant, [...state.all().keys()]);
    return state;
  };
  const stateOfTenant = (tenant: string): Promise<LiveState> => {
    const known = loading.get(tenant) ?? open(tenant);
    loading.set(tenant, known);
    // a failure must not stick: the next call tries again
    known.catch(() => loading.delete(tenant));
    return known;
  };
  const sweep = (): void => {
    for (const [tenant, state] of loaded) tell(tenant, state.sweep());
  };
  return {
    ready: async (tenant) => void (await stateOfTenant(tenant)),
    stateOf: (tenant, assetId) => loaded.get(tenant)?.get(assetId) ?? UNKNOWN_STATE,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start() {
      ends.push(
        bus.on('readings.accepted', async ({ tenant, readings }) =>
          tell(tenant, (await stateOfTenant(tenant)).apply(readings)),
        ),
        bus.on('readings.corrected', async ({ tenant, changed, removed }) => {
          const assetIds = new Set([...changed, ...removed].flatMap(({ assetId }) => assetId ?? []));
          tell(tenant, await (await stateOfTenant(tenant)).reload([...assetIds]));
        }),
        bus.on('registry.changed', ({ tenant, kind, id, deleted }) => {
          if (kind !== 'asset' || !deleted) return;
          loaded.get(tenant)?.remove(id);
          tell(tenant, [id]);
        }),
        bus.onGap(async () => {
          for (const tenant of loaded.keys()) {
            const assetIds = (await deps.registry.assets.all(tenant)).map(({ id }) => id);
            tell(tenant, await (await stateOfTenant(tenant)).reload(assetIds));
          }
        }),
        clock.every(SWEEP_EVERY_MS, sweep),
      );
      await tryNowOrLater(
        async () => {
          await stateOfTenant(config.TENANT);
          log.info({ assets: loaded.get(config.TENANT)?.all().size ?? 0 }, 'api.states.load');
        },
        { signal: ending.signal, onTrouble: (error) => log.warn({ err: error }, 'api.states.wait') },
      );
    },
    async stop() {
      ending.abort();
      for (const end of ends.splice(0)) end();
    },
  };
}

async function loadState(
  tenant: string,
  { registry, readings, bus, clock, sensorTypes }: ApiDeps,
  ends: Cancel[],
): Promise<LiveState> {
  const known = new Map<string, Pick<DeviceRecord, 'typeId' | 'expectedIntervalS'>>();
  const intervalOf = followIntervals(sensorTypes);
  const unfollow = bus.on('registry.changed', async (change) => {
    if (change.tenant !== tenant || change.kind !== 'device') return;
    const device = change.deleted ? undefined : await registry.devices.get(tenant, change.id);
    if (device) known.set(device.id, cadenceOf(device));
    else known.delete(change.id);
  });
  for (const device of await registry.devices.all(tenant)) known.set(device.id, cadenceOf(device));
  const expectedIntervalS = (deviceId: string): number | undefined => {
    const device = known.get(deviceId);
    return device?.expectedIntervalS ?? intervalOf(device?.typeId ?? '') ?? undefined;
  };
  const state = createLiveState({ readings, clock, tenant, expectedIntervalS });
  // it is tried again while the store is away: each try has its own
  await state.load().catch((error: unknown) => {
    unfollow();
    throw error;
  });
  ends.push(unfollow);
  return state;
}

/** Looks up how often devices of a type send; types come and go at run time. */
function followIntervals(sensorTypes: SensorTypeCatalogue): (typeId: string) => number | null | undefined {
  let listed: readonly unknown[] | undefined;
  let intervals = new Map<string, number | null>();
  return (typeId) => {
    const list = sensorTypes.list();
    if (list !== listed) {
      listed = list;
      intervals = new Map(list.map((type) => [type.id, type.expectedIntervalS]));
    }
    return intervals.get(typeId);
  };
}

function cadenceOf({ typeId, expectedIntervalS }: DeviceRecord): Pick<DeviceRecord, 'typeId' | 'expectedIntervalS'> {
  return { typeId, ...(expectedIntervalS !== undefined && { expectedIntervalS }) };
}
