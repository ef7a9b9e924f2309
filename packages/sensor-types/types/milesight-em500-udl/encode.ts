import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an EM500-UDL uplink: battery and distance, little endian, port 85. */
export function encode({ distanceM, battery }: EncodeValues): EncodedUplink {
  const mm = distanceM === null || distanceM === undefined ? 0xfffd : Math.min(0xfffc, Math.round(distanceM * 1000));
  return {
    fPort: 85,
    bytes: Uint8Array.of(
      ...(battery === undefined ? [] : [0x01, 0x75, Math.round(battery * 100)]),
      ...[0x03, 0x82, mm & 0xff, (mm >> 8) & 0xff],
    ),
  };
}
