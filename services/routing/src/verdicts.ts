import type { Incident, Reading, StoredCrewEvent } from '@ronde/contracts';
import { newId, type Clock } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import { crewVerdict, type Verdict } from '@ronde/forecast';
import type { Registry } from '@ronde/registry';

/** Compares what crews said with what sensors say afterwards. */
export interface Verdicts {
  /** Takes up the events of the last day that no sensor has judged yet. */
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
type Settled = Exclude<Verdict, 'pending'>;

const DAY_MS = 86_400_000;
const RECENT = 1000;

/** Gives the judge of emptyings; a contradiction opens one incident per asset. */
export function createVerdicts(deps: { registry: Registry; bus: Bus; clock: Clock; tenant: string }): Verdicts {
  const { registry, bus, clock, tenant } = deps;
  const pending = new Map<string, Pending>();

  const settle = async (entry: Pending, verdict: Settled): Promise<void> => {
    if (verdict === 'contradicted') await raise(entry);
    const whole = await wholeVerdict(entry, verdict);
    if (whole) {
      const event: StoredCrewEvent = { ...entry.event, sensorVerdict: whole };
      await registry.crewEvents.put(tenant, event);
      await bus.publish('crew-event.stored', { tenant, event });
    }
    if (pending.get(entry.assetId) === entry) pending.delete(entry.assetId);
  };
  /** One event may stand for several assets: one that disagrees is enough, all must agree. */
  const wholeVerdict = async ({ event, assetId }: Pending, verdict: Settled): Promise<Settled | undefined> => {
    if (verdict === 'contradicted') return verdict;
    const others = [...pending.values()].some((entry) => entry.event.id === event.id && entry.assetId !== assetId);
    const stored = await registry.crewEvents.get(tenant, event.id);
    return others || stored?.sensorVerdict === 'contradicted' ? undefined : verdict;
  };
  const raise = async ({ assetId, event, readingsAfter }: Pending): Promise<void> => {
    const kind = 'sensor-disagrees';
    const [known] = await registry.incidents.all(tenant, {
      assetId,
      kind,
      status: ['open', 'acknowledged', 'shelved'],
    });
    const fill = Math.round((readingsAfter.at(-1)?.fill ?? 0) * 100);
    const incident: Incident = {
      ...(known ?? { id: newId('inc', clock.nowMs()), kind, status: 'open', assetId, openedAt: clock.iso() }),
      updatedAt: clock.iso(),
      text: `emptied at ${event.deviceAt.slice(11, 16)} UTC, but the sensor still reads ${fill} %: check the sensor`,
    };
    await registry.incidents.put(tenant, incident);
    await bus.publish('incident.changed', { tenant, incident });
  };
  const assetsOf = async (event: StoredCrewEvent): Promise<string[]> => {
    if (event.assetId !== undefined) return [event.assetId];
    const round = await registry.rounds.get(tenant, event.roundId);
    return round?.stops.find(({ id }) => id === event.stopId)?.assetIds ?? [];
  };

  return {
    async load() {
      const recent = await registry.crewEvents.list(tenant, { limit: RECENT, descending: true });
      for (const event of recent.items) {
        const young = Date.parse(event.deviceAt) > clock.nowMs() - DAY_MS;
        if (event.sensorVerdict !== 'pending' || !young) continue;
        for (const assetId of await assetsOf(event)) {
          if (!pending.has(assetId)) pending.set(assetId, { event, assetId, before: 1, readingsAfter: [] });
        }
      }
    },
    expect(event, before) {
      for (const [assetId, fill] of before) pending.set(assetId, { event, assetId, before: fill, readingsAfter: [] });
    },
    async apply(readings) {
      for (const reading of readings) {
        const entry = reading.assetId === null ? undefined : pending.get(reading.assetId);
        if (!entry || !isWitness(reading)) continue;
        entry.readingsAfter.push({ atMs: Date.parse(reading.at), fill: reading.value! });
        const verdict = crewVerdict({
          emptiedAtMs: Date.parse(entry.event.deviceAt),
          before: entry.before,
          readingsAfter: entry.readingsAfter,
        });
        if (verdict !== 'pending') await settle(entry, verdict);
      }
    },
  };
}

/** A sound reading of a sensor: what crews say of themselves, and doubtful values, judge nothing. */
function isWitness({ quantity, value, quality, deviceId }: Reading): boolean {
  return (
    quantity === 'fill' &&
    value !== null &&
    (quality === 'ok' || quality === 'censored') &&
    !deviceId.startsWith('crew-')
  );
}
