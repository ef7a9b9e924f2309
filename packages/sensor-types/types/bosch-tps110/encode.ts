import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a TPS110 heartbeat with its temperature, or a parking status when none is given. */
export function encode({ temperatureC, values }: EncodeValues): EncodedUplink {
  const occupied = values?.occupancy === 1 ? 1 : 0;
  if (temperatureC === undefined) return { fPort: 1, bytes: Uint8Array.of(occupied) };
  return { fPort: 2, bytes: Uint8Array.of(occupied, Math.round(temperatureC) & 0xff) };
}
