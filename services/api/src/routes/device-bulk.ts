import {
  DeviceBulkInput,
  DeviceBulkResult,
  statusFaults,
  statusOf,
  type DeviceRecord,
  type Fault,
  type Result,
} from '@ronde/contracts';
import { allow, refuse } from '@ronde/kit';
import { ENGINEERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { faultOf } from '../faults.ts';
import { announceAll } from './context.ts';
import { devicesOf } from './device-list.ts';
import { takenOff } from './device-mounts.ts';

const BATCH = 500;
const MAX_TAGS = 20;

/** Adds one change for many devices; each answers for itself, so that one refusal holds up no other. */
export function addDeviceBulk(deps: ApiDeps): void {
  deps.http.post('/v1/devices/bulk', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Retire, tag, untag, or set status or integration of many devices',
      body: DeviceBulkInput,
      response: { 200: DeviceBulkResult },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { ids, filter, integrationId } = request.body;
      if (typeof integrationId === 'string' && !(await deps.registry.integrations.get(tenant, integrationId)))
        refuse([faultOf('integrationId', `there is no integration "${integrationId}"`)]);
      const devices = ids
        ? await deps.registry.devices.all(tenant, { id: ids })
        : await devicesOf(deps.registry, tenant, filter ?? {});
      const known = new Set(devices.map(({ id }) => id));
      const items: DeviceBulkResult['items'] = [...new Set(ids ?? [])]
        .filter((id) => !known.has(id))
        .map((id) => ({ id, outcome: 'refused', message: 'there is no such device' }));
      for (let from = 0; from < devices.length; from += BATCH)
        items.push(...(await changeBatch(deps, tenant, devices.slice(from, from + BATCH), request.body)));
      const count = (outcome: string): number => items.filter((item) => item.outcome === outcome).length;
      return { changed: count('changed'), unchanged: count('unchanged'), refused: count('refused'), items };
    },
  });
}

async function changeBatch(
  deps: ApiDeps,
  tenant: string,
  devices: readonly DeviceRecord[],
  wanted: DeviceBulkInput,
): Promise<DeviceBulkResult['items']> {
  const changed: DeviceRecord[] = [];
  const items = devices.map((device): DeviceBulkResult['items'][number] => {
    const { id } = device;
    const result = changedDevice(device, wanted, deps.clock.iso());
    if (!result.ok) return { id, outcome: 'refused', message: result.faults.map(textOf).join('; ') };
    if (JSON.stringify(result.value) === JSON.stringify(device)) return { id, outcome: 'unchanged' };
    changed.push(result.value);
    return { id, outcome: 'changed' };
  });
  await deps.registry.devices.putAll(tenant, changed);
  await announceAll(deps, tenant, { kind: 'device', ids: changed.map(({ id }) => id) });
  return items;
}

function changedDevice(device: DeviceRecord, wanted: DeviceBulkInput, at: string): Result<DeviceRecord> {
  const { action, status = 'in-stock', tags = [], integrationId } = wanted;
  if (action === 'retire') return withStatus(device, 'retired', at);
  if (action === 'status') return statusOf(device) === status ? accepted(device) : withStatus(device, status, at);
  if (action === 'integration') return accepted({ ...device, integrationId: integrationId ?? undefined });
  const own = device.tags ?? [];
  const next = action === 'tag' ? [...new Set([...own, ...tags])] : own.filter((tag) => !tags.includes(tag));
  if (next.length > MAX_TAGS)
    return {
      ok: false,
      faults: [faultOf('tags', `would be ${next.length}, at most ${MAX_TAGS}`, 'take some away first')],
    };
  return accepted({ ...device, tags: next.length > 0 ? next : undefined });
}

/** Retiring takes a device off its asset; what goes back into stock is to be unmounted by name, where it hangs. */
function withStatus(
  device: DeviceRecord,
  status: NonNullable<DeviceRecord['status']>,
  at: string,
): Result<DeviceRecord> {
  if (statusOf(device) === status) return accepted(device);
  if (status === 'retired' && device.assetId !== undefined) return takenOff(device, { at, status });
  const faults = statusFaults({ from: statusOf(device), to: status, mounted: device.assetId !== undefined });
  return faults.length > 0 ? { ok: false, faults } : accepted({ ...device, status });
}

function accepted(device: DeviceRecord): Result<DeviceRecord> {
  return { ok: true, value: device };
}

function textOf({ message, remedy }: Fault): string {
  return remedy === undefined ? message : `${message}: ${remedy}`;
}
