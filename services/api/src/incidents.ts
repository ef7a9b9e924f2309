import type { AssetState, Incident, IncidentKind } from '@ronde/contracts';
import { newId, type Service } from '@ronde/kit';
import type { ApiDeps } from './deps.ts';

/** An asset counts as full from here… */
export const FULL_FROM = 0.95;
/** …until it falls below this: fill wobbles around a threshold, an incident must not. */
export const FULL_UNTIL = 0.8;

type WatchedKind = Extract<IncidentKind, 'asset-full' | 'sensor-silent'>;
/** What a tenant's incidents are now; keys are `assetId kind`. */
interface Standing {
  open: Map<string, Incident>;
  /** Resolved by people while the cause lasted: not opened again before the cause was gone. */
  settled: Set<string>;
}
interface Verdict {
  kind: WatchedKind;
  /** open: must be open; resolve: must not; keep: in between. */
  wish: 'open' | 'resolve' | 'keep';
  text: string;
}

/** Opens and resolves the incidents that follow from the live state: one per (asset, kind), however often the cause shows. */
export function createIncidents(deps: ApiDeps): Service {
  const { registry, bus, clock, liveState, log } = deps;
  const standing = new Map<string, Promise<Standing>>();
  const ends: (() => void)[] = [];
  let tail = Promise.resolve();

  const standingOf = (tenant: string): Promise<Standing> => {
    const known = standing.get(tenant) ?? loadStanding(deps, tenant);
    standing.set(tenant, known);
    return known;
  };
  const save = async (tenant: string, incident: Incident): Promise<void> => {
    await registry.incidents.put(tenant, incident);
    note(await standingOf(tenant), incident);
    await bus.publish('incident.changed', { tenant, incident });
  };
  const judge = async (tenant: string, assetId: string): Promise<void> => {
    const state = liveState?.stateOf(tenant, assetId);
    if (!state) return;
    const { open, settled } = await standingOf(tenant);
    for (const { kind, wish, text } of verdictsOf(state)) {
      const key = keyOf(assetId, kind);
      const current = open.get(key);
      if (wish === 'resolve') settled.delete(key);
      const at = clock.iso();
      if (wish === 'open' && !current && !settled.has(key)) {
        await save(tenant, { id: newId('inc', clock.nowMs()), kind, status: 'open', assetId, openedAt: at, updatedAt: at, text });
      } else if (wish === 'resolve' && current) {
        await save(tenant, { ...current, status: 'resolved', updatedAt: at });
        settled.delete(key);
      }
    }
  };
  // one after the other: two events about one asset must not both find nothing open
  const review = (tenant: string, assetIds: Iterable<string>): void => {
    for (const assetId of assetIds) {
      tail = tail.then(() => judge(tenant, assetId)).catch((error: unknown) => log.error({ err: error, asset_id: assetId }, 'api.incident.throw'));
    }
  };
  return {
    async start() {
      if (liveState) ends.push(liveState.onChange(({ tenant, assetIds }) => review(tenant, assetIds)));
      // changes by people and by other services
      ends.push(bus.on('incident.changed', async ({ tenant, incident }) => note(await standingOf(tenant), incident)));
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await tail;
    },
  };
}

function verdictsOf(state: AssetState): Verdict[] {
  const full = state.fill === null || state.fill >= FULL_UNTIL ? 'keep' : 'resolve';
  return [
    { kind: 'asset-full', wish: state.fill !== null && state.fill >= FULL_FROM ? 'open' : full, text: 'The asset is full.' },
    { kind: 'sensor-silent', wish: state.silent ? 'open' : 'resolve', text: 'No reading for more than twice the expected interval.' },
  ];
}

async function loadStanding({ registry }: ApiDeps, tenant: string): Promise<Standing> {
  const standing: Standing = { open: new Map(), settled: new Set() };
  for (const incident of await registry.incidents.all(tenant, { status: ['open', 'acknowledged', 'shelved'] })) note(standing, incident);
  return standing;
}

function note({ open, settled }: Standing, incident: Incident): void {
  if (incident.assetId === undefined) return;
  const key = keyOf(incident.assetId, incident.kind);
  if (incident.status !== 'resolved') open.set(key, incident);
  else if (open.get(key)?.id === incident.id) {
    open.delete(key);
    settled.add(key);
  }
}

function keyOf(assetId: string, kind: IncidentKind): string {
  return `${assetId} ${kind}`;
}
