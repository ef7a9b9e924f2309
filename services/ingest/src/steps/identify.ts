import type { Directory } from './directory.ts';
import { nameOf, unknownIdOf } from '../unknown/unknown-name.ts';
import type { Identified, Opened } from './item.ts';
import { refuse, type Ledger } from './ledger.ts';

/** Finds each uplink's device; unknown ones, and those of another tenant, are refused alike. */
export async function identify(opened: readonly Opened[], ledger: Ledger, directory: Directory): Promise<Identified[]> {
  const found = await Promise.all(opened.map(({ uplink }) => directory.find(uplink.device)));
  return opened.flatMap((item, index) => {
    const match = found[index];
    if (match && match.tenant === item.frame.tenant) return [{ ...item, device: match.device }];
    const { nameKind, name } = nameOf(item.uplink.device);
    const unknownDeviceId = unknownIdOf(item);
    ledger.unknown.push(item);
    refuse(ledger, item, {
      stage: 'identify',
      code: 'DEVICE_UNKNOWN',
      reason: `no device has ${nameKind} ${name}`,
      remedy: `adopt it (POST /v1/unknown-devices/${unknownDeviceId}/adopt), or register a device with ${
        nameKind === 'deviceId' ? 'id' : `externalIds.${nameKind}`
      } ${name}, then replay`,
      unknownDeviceId,
    });
    return [];
  });
}
