import type { DeviceHealth, DeviceRecord, HealthIssue, HealthIssueKind, Incident } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { newId, type Clock } from '@ronde/kit';
import type { Registry } from '@ronde/registry';

/** Opens an incident for each new issue of a device and resolves it when the issue is gone; people may close it before. */
export interface HealthIncidents {
  follow(
    tenant: string,
    device: DeviceRecord,
    change: { before?: DeviceHealth | undefined; after: DeviceHealth },
  ): Promise<void>;
}

/** What the device's page shows and nobody has to drive out for today: one sensor in ten loses half of its uplinks. */
const QUIET: ReadonlySet<HealthIssueKind> = new Set(['losing-uplinks', 'calibrate', 'clock-wrong']);

export function createHealthIncidents(parts: {
  registry: Pick<Registry, 'incidents'>;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
}): HealthIncidents {
  const { registry, bus, clock } = parts;
  const save = async (tenant: string, incident: Incident): Promise<void> => {
    await registry.incidents.put(tenant, incident);
    await bus.publish('incident.changed', { tenant, incident });
  };
  return {
    async follow(tenant, device, { before, after }) {
      const kindsOf = (health: DeviceHealth | undefined): Map<HealthIssueKind, HealthIssue> =>
        new Map((health?.issues ?? []).map((issue) => [issue.kind, issue]));
      const [old, now] = [kindsOf(before), kindsOf(after)];
      for (const [kind, issue] of now) {
        if (!old.has(kind) && !QUIET.has(kind) && !isToldByAsset(kind, device))
          await save(tenant, toIncident(device, issue, clock));
      }
      const gone = [...old.keys()].filter((kind) => !now.has(kind));
      if (gone.length === 0) return;
      for (const incident of await openOf(registry, tenant, device.id)) {
        if (incident.issue && gone.includes(incident.issue))
          await save(tenant, { ...incident, status: 'resolved', updatedAt: clock.iso() });
      }
    },
  };
}

/** One cause, one incident: the silence of a mounted sensor is already told of its asset. */
function isToldByAsset(kind: HealthIssueKind, device: DeviceRecord): boolean {
  return kind === 'silent' && device.assetId !== undefined;
}

async function openOf(registry: Pick<Registry, 'incidents'>, tenant: string, deviceId: string): Promise<Incident[]> {
  const open = await registry.incidents.all(tenant, {
    kind: ['device-health', 'fire'],
    status: ['open', 'acknowledged', 'shelved'],
  });
  return open.filter((incident) => incident.deviceId === deviceId);
}

function toIncident(device: DeviceRecord, { kind, text, remedy }: HealthIssue, clock: Clock): Incident {
  return {
    id: newId('inc', clock.nowMs()),
    kind: kind === 'fire' ? 'fire' : 'device-health',
    status: 'open',
    deviceId: device.id,
    ...(device.assetId !== undefined && { assetId: device.assetId }),
    issue: kind,
    openedAt: clock.iso(),
    updatedAt: clock.iso(),
    text: `${device.name ?? device.id}: ${text}; ${remedy}`,
  };
}
