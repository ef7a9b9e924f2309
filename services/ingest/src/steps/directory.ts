import type { Bus } from '@ronde/bus';
import type { DeviceName, DeviceRecord } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';

type Found = { tenant: string; device: DeviceRecord } | undefined;

/** Devices by any of their identities, from memory where possible. */
export interface Directory {
  find(by: DeviceName): Promise<Found>;
  /** Grows with every change of a device: what was found under an earlier one may be out of date. */
  version(): number;
  close(): void;
}

const MAX_ENTRIES = 200_000;
const NETWORK = 'net:';

/** Opens the device directory: a bounded cache over the registry that forgets whatever `registry.changed` names. */
export function openDirectory(registry: Pick<Registry, 'findDevice'>, bus: Pick<Bus, 'on' | 'onGap'>): Directory {
  const known = new Map<string, Found>();
  /** Under which keys a device is known: an import changes thousands, and must not walk over all that is known each time. */
  const keysOfDevice = new Map<string, Set<string>>();
  /** Identities that nobody has, and ones that an id stood in for: they may belong to the next device that is registered. */
  const unsure = new Set<string>();
  let generation = 0;
  const forget = (key: string): void => {
    const id = known.get(key)?.device.id;
    known.delete(key);
    unsure.delete(key);
    if (id === undefined) return;
    const keys = keysOfDevice.get(id);
    keys?.delete(key);
    if (keys?.size === 0) keysOfDevice.delete(id);
  };
  const remember = (key: string, found: Found): void => {
    if (known.size >= MAX_ENTRIES) forget(known.keys().next().value!);
    known.set(key, found);
    if (!found || key.startsWith(NETWORK)) unsure.add(key);
    if (!found) return;
    const keys = keysOfDevice.get(found.device.id) ?? new Set();
    keysOfDevice.set(found.device.id, keys.add(key));
  };
  const endGap = bus.onGap(() => {
    generation += 1;
    for (const forgotten of [known, keysOfDevice, unsure]) forgotten.clear();
  });
  const stop = bus.on('registry.changed', ({ kind, id }) => {
    if (kind !== 'device') return;
    generation += 1;
    for (const key of [...(keysOfDevice.get(id) ?? []), ...unsure]) forget(key);
  });
  return {
    version: () => generation,
    async find(by) {
      const key = keyOf(by);
      if (known.has(key)) return known.get(key);
      const before = generation;
      const found = await lookUp(registry, by);
      // a look-up that was under way when a device changed may carry the old answer
      if (generation === before && !known.has(key)) remember(key, found);
      return found;
    },
    close() {
      stop();
      endGap();
    },
  };
}

function keyOf(by: DeviceName): string {
  if ('deviceId' in by) return `id:${by.deviceId}`;
  if ('networkId' in by) return `${NETWORK}${by.networkId}`;
  return 'devEui' in by ? `eui:${by.devEui}` : `imei:${by.imei}`;
}

/** A device that carries another network name than the one that speaks is not meant by its id. */
async function lookUp(registry: Pick<Registry, 'findDevice'>, by: DeviceName): Promise<Found> {
  if ('deviceId' in by) return registry.findDevice({ id: by.deviceId });
  if (!('networkId' in by)) return registry.findDevice(by);
  const { networkId, orDeviceId } = by;
  const named = await registry.findDevice({ networkId });
  if (named || orDeviceId === undefined) return named;
  const byId = await registry.findDevice({ id: orDeviceId });
  return byId?.device.externalIds?.networkId === undefined ? byId : undefined;
}
