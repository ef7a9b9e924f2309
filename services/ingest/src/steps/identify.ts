import type { DeviceName, DeviceRecord } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Registry } from '@ronde/registry';
import type { Identified, Opened } from './item.ts';
import { refuse, type Ledger } from './ledger.ts';

type Found = { tenant: string; device: DeviceRecord } | undefined;

/** Devices by any of their identities, from memory where possible. */
export interface Directory {
  find(by: DeviceName): Promise<Found>;
  close(): void;
}

const MAX_ENTRIES = 200_000;
const NETWORK = 'net:';

/** Opens the device directory: a bounded cache over the registry that forgets whatever `registry.changed` names. */
export function openDirectory(registry: Pick<Registry, 'findDevice'>, bus: Pick<Bus, 'on'>): Directory {
  const known = new Map<string, Found>();
  let generation = 0;
  const stop = bus.on('registry.changed', ({ kind, id }) => {
    if (kind !== 'device') return;
    generation += 1;
    // an unknown identity, or one that an id stood in for, may belong to the device that was just registered
    for (const [key, found] of known)
      if (!found || found.device.id === id || key.startsWith(NETWORK)) known.delete(key);
  });
  return {
    async find(by) {
      const key = keyOf(by);
      if (known.has(key)) return known.get(key);
      const before = generation;
      const found = await lookUp(registry, by);
      if (known.size >= MAX_ENTRIES) known.delete(known.keys().next().value!);
      // a look-up that was under way when a device changed may carry the old answer
      if (generation === before) known.set(key, found);
      return found;
    },
    close: stop,
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

/** Finds each uplink's device; unknown ones, and those of another tenant, are refused alike. */
export async function identify(opened: readonly Opened[], ledger: Ledger, directory: Directory): Promise<Identified[]> {
  const found = await Promise.all(opened.map(({ uplink }) => directory.find(uplink.device)));
  return opened.flatMap((item, index) => {
    const match = found[index];
    if (match && match.tenant === item.frame.tenant) return [{ ...item, device: match.device }];
    const [name, value] = Object.entries(item.uplink.device)[0] as [string, string];
    refuse(ledger, item, {
      stage: 'identify',
      code: 'DEVICE_UNKNOWN',
      reason: `no device has ${name} ${value}`,
      remedy:
        name === 'deviceId'
          ? `register a device with id ${value}, then replay`
          : `register a device with externalIds.${name} ${value}, then replay`,
    });
    return [];
  });
}
