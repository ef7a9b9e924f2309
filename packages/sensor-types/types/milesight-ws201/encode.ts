import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Depth set in the device, metres; it works out the remaining share from this. */
const DEPTH_M = 1;
const NONE = 255;

/** Writes a WS201 uplink: battery, distance, remaining share; port 85. */
export function encode({ distanceM, battery, values }: EncodeValues): EncodedUplink {
  const mm = distanceM === null || distanceM === undefined ? 0xfffd : Math.round(distanceM * 1000);
  const fill = values?.fill ?? (distanceM === null || distanceM === undefined ? null : 1 - distanceM / DEPTH_M);
  const remaining = fill === null ? NONE : Math.round((1 - Math.min(1, Math.max(0, fill))) * 100);
  return {
    fPort: 85,
    bytes: Uint8Array.of(
      ...(battery === undefined ? [] : [0x01, 0x75, Math.round(battery * 100)]),
      ...[0x03, 0x82, mm & 0xff, (mm >> 8) & 0xff],
      ...[0x04, 0xd6, remaining],
    ),
  };
}
