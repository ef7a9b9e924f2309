import type { EncodedUplink } from '@ronde/sensor-types';
import { DAY_MS } from '../clock.ts';
import type { Rng } from '../rng.ts';
import type { Begun } from './sensor-bench.ts';

/** Own assumption: a device's payload changes about once in two and a half years. */
const PER_DAY = 1 / 900;

/** How an update changes what is sent: another port, a version byte in front, or a field added at the end. */
export const FIRMWARE_CHANGES = ['as-delivered', 'other-port', 'version-byte', 'longer'] as const;

/** Firmware of a fleet; what was updated stays so. */
export interface Firmware {
  /** Updates a device by chance over the time since its last message; another port shows only where there are ports. */
  update(device: number, given: { atMs: number; sinceMs: number; hasPorts: boolean }, rng: Rng): void;
  /** Rewrites an uplink the way the device's firmware sends it. */
  rewrite(device: number, uplink: EncodedUplink): EncodedUplink;
  changeOf(device: number): number;
  restore(device: number, change: number): void;
}

/** Makes the firmware of a fleet; factor 0: it stays as delivered. */
export function createFirmware(
  count: number,
  { factor, onBegin }: { factor: number; onBegin?: ((begun: Begun) => void) | undefined },
): Firmware {
  const changes = new Uint8Array(count);
  return {
    changeOf: (device) => changes[device]!,
    restore: (device, change) => void (changes[device] = change),
    update(device, { atMs, sinceMs, hasPorts }, rng) {
      if (factor <= 0 || changes[device] !== 0 || !rng.chance((PER_DAY * factor * sinceMs) / DAY_MS)) return;
      const first = hasPorts ? 1 : 2;
      const change = first + rng.int(FIRMWARE_CHANGES.length - first);
      changes[device] = change;
      onBegin?.({ name: 'firmware', device, fromMs: atMs, toMs: Infinity, strength: change });
    },
    rewrite(device, { fPort, bytes }) {
      const change = FIRMWARE_CHANGES[changes[device]!];
      if (change === 'other-port') return { fPort: fPort >= 223 ? 1 : fPort + 1, bytes };
      if (change === 'version-byte') return { fPort, bytes: Uint8Array.from([0xf2, ...bytes]) };
      if (change === 'longer') return { fPort, bytes: Uint8Array.from([...bytes, 0x7e, 0x01]) };
      return { fPort, bytes };
    },
  };
}
