import type { Incident, Reading, StoredCrewEvent } from '@ronde/contracts';
import type { Clock } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import { crewVerdict } from '@ronde/forecast';
import type { Registry } from '@ronde/registry';

/** Compares what crews said with what sensors say afterwards. */
export interface Verdicts {
  load(): Promise<void>;
  expect(event: StoredCrewEvent, before: Map<string, number>): void;
  apply(readings: Reading[]): Promise<void>;
}

interface Pending {
  event: StoredCrewEvent;
  assetId: string;
  before: number;
  readingsAfter: { atMs: number; fill: number }[];
}

const DAY_MS = 86_400_000;

/** Gives the judge of emptyings; a contradiction opens one incident per asset. */
export function createVerdicts(deps: { registry: Registry; bus: Bus; clock: Clock; tenant: string }): Verdicts {
  const { registry, bus, clock, tenant } = deps;
  const pending = new Map<string, Pending>();

  const settle = async (entry: Pending, verdict: 'confirmed' | 'contradicted'): Promise<void> => {
    pending.delete(entry.assetId);
    const event: StoredCrewEvent = { ...entry.event, sensorVerdict: verdict };
    await registry.crewEvents.put(tenant, event);
    await bus.publish('crew-event.stored', { tenant, event });
    if (verdict === 'contradicted') await raise(entry);
  };
  const raise = async ({ assetId, event, readingsAfter }: Pending): Promise<void> => {
    const kind = 'sensor-disagrees';
    const [known] = await registry.incidents.all(tenant, { assetId, kind, status: ['open', 'acknowledged', 'shelved'] });
    const fill = Math.round((readingsAfter.at(-1)?.fill ?? 0) * 100);
    const incident: Incident = {
      ...(known ?? { id: `inc-${event.id}`, kind, status: 'open', assetId, openedAt: clock.iso() }),
      updatedAt: clock.iso(),
      text: `emptied at ${event.deviceAt.slice(11, 16)} UTC, but the sensor still reads ${fill} %: check the sensor`,
    };
    await registry.incidents.put(tenant, incident);
    await bus.publish('incident.changed', { tenant, incident });
  };

  return {
    async load() {
      const recent = await registry.crewEvents.list(tenant, { limit: 1000, descending: true });
      for (const event of recent.items) {
        const young = Date.parse(event.deviceAt) > clock.nowMs() - DAY_MS;
        if (event.sensorVerdict !== 'pending' || !young || event.assetId === undefined || pending.has(event.assetId)) continue;
        pending.set(event.assetId, { event, assetId: event.assetId, before: 1, readingsAfter: [] });
      }
    },
    expect(event, before) {
      for (const [assetId, fill] of before) pending.set(assetId, { event, assetId, before: fill, readingsAfter: [] });
    },
    async apply(readings) {
      for (const reading of readings) {
        const entry = reading.assetId === null ? undefined : pending.get(reading.assetId);
        if (!entry || reading.quantity !== 'fill' || reading.value === null || reading.deviceId.startsWith('crew-')) continue;
        entry.readingsAfter.push({ atMs: Date.parse(reading.at), fill: reading.value });
        const verdict = crewVerdict({ emptiedAtMs: Date.parse(entry.event.deviceAt), before: entry.before, readingsAfter: entry.readingsAfter });
        if (verdict !== 'pending') await settle(entry, verdict);
      }
    },
  };
}
