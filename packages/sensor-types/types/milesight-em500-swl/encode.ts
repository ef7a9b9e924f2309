import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an EM500-SWL uplink: battery and depth of water in cm, little endian, port 85. */
export function encode({ battery, values }: EncodeValues): EncodedUplink {
  const level = values?.waterLevel;
  const cm = level === undefined ? 0xffff : Math.min(0xfffc, Math.max(0, Math.round(level * 100)));
  return {
    fPort: 85,
    bytes: Uint8Array.of(
      ...(battery === undefined ? [] : [0x01, 0x75, Math.round(battery * 100)]),
      ...[0x03, 0x77, cm & 0xff, (cm >> 8) & 0xff],
    ),
  };
}
