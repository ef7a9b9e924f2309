import type { Bus } from '@ronde/bus';
import type { Incident } from '@ronde/contracts';
import { newId, type Clock, type Health, type HealthReport, type Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';

const PERIOD_MS = 15_000;

export interface AlarmParts {
  health: Health;
  registry: Pick<Registry, 'incidents'>;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Logger;
  tenant: string;
  /** Stands after a part's name where several processes share the registry; '' for one. */
  place: string;
}

/** Incidents about the platform itself, from what its parts say of their health. */
export interface Alarms {
  /** Looks once: what is unwell at two looks in a row opens an incident, what is well at two in a row resolves it. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** Looks every quarter of a minute of host time. */
export function startAlarms(parts: AlarmParts): Alarms {
  const { health, registry, bus, clock, log, tenant, place } = parts;
  /** Looks in a row with the same verdict. */
  const seen = new Map<string, { unwell: boolean; looks: number }>();
  let running: Promise<void> | undefined;

  const save = async (incident: Incident): Promise<void> => {
    await registry.incidents.put(tenant, incident);
    await bus.publish('incident.changed', { tenant, incident });
  };
  const judge = async (part: string, report: HealthReport, open: Incident | undefined): Promise<void> => {
    const unwell = !report.ok || report.degraded === true;
    const before = seen.get(part);
    const looks = before?.unwell === unwell ? before.looks + 1 : 1;
    seen.set(part, { unwell, looks });
    if (looks < 2) return;
    const at = clock.iso();
    const text = `${part}: ${report.detail ?? 'not well'}`;
    if (unwell && !open) {
      const id = newId('inc', clock.nowMs());
      await save({ id, kind: 'platform', part, status: 'open', openedAt: at, updatedAt: at, text });
      log.error({ part, detail: report.detail }, 'run.alarm.open');
    } else if (!unwell && open) {
      await save({ ...open, status: 'resolved', updatedAt: at });
      log.info({ part }, 'run.alarm.resolve');
    }
  };
  const look = async (): Promise<void> => {
    const standing = await registry.incidents.all(tenant, {
      kind: 'platform',
      status: ['open', 'acknowledged', 'shelved'],
    });
    for (const [part, report] of Object.entries(health.report().parts))
      await judge(
        `${part}${place}`,
        report,
        standing.find((incident) => incident.part === `${part}${place}`),
      );
  };
  // a registry that is away is itself unwell, and is told in the log and by /health/ready
  const once = (): Promise<void> =>
    (running ??= look()
      .catch((error: unknown) => log.warn({ err: error }, 'run.alarm.refuse'))
      .finally(() => (running = undefined)));
  const timer = setInterval(() => void once(), PERIOD_MS).unref();
  return {
    look: once,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
