import type { Device, DeviceFilter, DeviceRecord, Page, PageQuery } from '@ronde/contracts';
import type { Registry, Where } from '@ronde/registry';
import { shownDevice } from './device-records.ts';

const SCAN = 1000;

/** Gives a page of devices; `q` and `tag` have no index, so the list is walked until the page is full. */
export async function listDevices(
  registry: Pick<Registry, 'devices'>,
  tenant: string,
  query: PageQuery & DeviceFilter,
): Promise<Page<Device>> {
  const { limit, q, tag } = query;
  const passes = textFilter(query);
  const items: Device[] = [];
  let { cursor } = query;
  for (;;) {
    const rest = limit - items.length;
    const page = await registry.devices.list(tenant, {
      limit: q === undefined && tag === undefined ? rest : SCAN,
      where: indexedFilter(query),
      cursor,
    });
    for (const [index, device] of page.items.entries()) {
      if (!passes(device)) continue;
      items.push(shownDevice(device));
      const isLast = index === page.items.length - 1 && page.next === undefined;
      if (items.length === limit) return { items, ...(!isLast && { next: device.id }) };
    }
    cursor = page.next;
    if (cursor === undefined) return { items };
  }
}

/** Gives every device that passes a filter. */
export async function devicesOf(
  registry: Pick<Registry, 'devices'>,
  tenant: string,
  filter: DeviceFilter,
): Promise<DeviceRecord[]> {
  return (await registry.devices.all(tenant, indexedFilter(filter))).filter(textFilter(filter));
}

function indexedFilter({ status, typeId, assetId, integrationId, devEui }: DeviceFilter): Where {
  return {
    ...(status !== undefined && { status }),
    ...(typeId !== undefined && { typeId }),
    ...(assetId !== undefined && { assetId }),
    ...(integrationId !== undefined && { integrationId }),
    ...(devEui !== undefined && { devEui }),
  };
}

function textFilter({ q, tag }: DeviceFilter): (device: DeviceRecord) => boolean {
  const wanted = q?.trim().toLowerCase() ?? '';
  return ({ id, typeId, name, serialNumber, assetId, externalIds, tags = [] }) => {
    if (tag !== undefined && !tags.includes(tag)) return false;
    if (wanted === '') return true;
    const texts = [id, typeId, name, serialNumber, assetId, ...Object.values(externalIds ?? {}), ...tags];
    return texts.some((text) => text?.toLowerCase().includes(wanted));
  };
}
