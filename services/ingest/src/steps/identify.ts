import type { Directory } from './directory.ts';
import type { Identified, Opened } from './item.ts';
import { refuse, type Ledger } from './ledger.ts';

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
