import type { Incident, IncidentKind } from '@ronde/contracts';
import { newId, type Cancel, type Service } from '@ronde/kit';
import { createLeader } from '@ronde/registry';
import { verdictsOf, type WatchedKind } from '@ronde/readings';
import type { ApiDeps } from './deps.ts';
import type { StateChange, States } from './states.ts';

const TEXTS: Record<WatchedKind, string> = {
  'asset-full': 'The asset is full.',
  'sensor-silent': 'No uplink for longer than this sensor ever stays away when it is well.',
};
/** What a tenant's incidents are now; keys are `assetId kind`. */
interface Standing {
  open: Map<string, Incident>;
  /** Resolved by people while the cause lasted: not opened again before the cause was gone. */
  settled: Set<string>;
}
/** Opens and resolves the incidents that follow from the states: one per (asset, kind), however often the cause shows. */
export function createIncidents(deps: ApiDeps, states: States): Service {
  const { registry, bus, clock, log } = deps;
  const leader = createLeader('api-incidents', deps);
  const standing = new Map<string, Promise<Standing>>();
  const ends: Cancel[] = [];
  /** Assets to look at, once each, however often they changed meanwhile. */
  const waiting = new Map<string, { tenant: string; assetId: string }>();
  let working: Promise<void> | undefined;

  const standingOf = (tenant: string): Promise<Standing> => {
    const known = standing.get(tenant) ?? loadStanding(deps, tenant);
    standing.set(tenant, known);
    known.catch(() => standing.delete(tenant));
    return known;
  };
  const save = async (tenant: string, incident: Incident): Promise<void> => {
    await registry.incidents.put(tenant, incident);
    note(await standingOf(tenant), incident);
    await bus.publish('incident.changed', { tenant, incident });
  };
  const judge = async (tenant: string, assetId: string): Promise<void> => {
    const { open, settled } = await standingOf(tenant);
    for (const { kind, wish } of verdictsOf(states.stateOf(tenant, assetId))) {
      const key = keyOf(assetId, kind);
      const current = open.get(key);
      const at = clock.iso();
      if (wish === 'open' && !current && !settled.has(key)) {
        await save(tenant, {
          id: newId('inc', clock.nowMs()),
          kind,
          status: 'open',
          assetId,
          openedAt: at,
          updatedAt: at,
          text: TEXTS[kind],
        });
      } else if (wish === 'resolve') {
        if (current) await save(tenant, { ...current, status: 'resolved', updatedAt: at });
        settled.delete(key);
      }
    }
  };
  // one after the other: two events about one asset must not both find nothing open
  const work = async (): Promise<void> => {
    for (const [key, { tenant, assetId }] of waiting) {
      waiting.delete(key);
      await judge(tenant, assetId).catch((error: unknown) =>
        log.error({ err: error, asset_id: assetId }, 'api.incident.throw'),
      );
    }
    working = undefined;
  };
  const review = ({ tenant, assetIds }: StateChange): void => {
    // of several API processes one opens and resolves; each has the same view of the states
    if (!leader.isLeading()) return;
    for (const assetId of assetIds) waiting.set(`${tenant} ${assetId}`, { tenant, assetId });
    working ??= Promise.resolve().then(work);
  };
  return {
    async start() {
      await leader.start();
      // changes by people and by other services
      ends.push(
        states.onChange(review),
        bus.onGap(() => standing.clear()),
        bus.on('incident.changed', async ({ tenant, incident }) => note(await standingOf(tenant), incident)),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await working;
      await leader.stop();
    },
  };
}

async function loadStanding({ registry }: ApiDeps, tenant: string): Promise<Standing> {
  const standing: Standing = { open: new Map(), settled: new Set() };
  for (const incident of await registry.incidents.all(tenant, { status: ['open', 'acknowledged', 'shelved'] }))
    note(standing, incident);
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
