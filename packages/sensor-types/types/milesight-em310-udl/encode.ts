import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an EM310-UDL uplink: [channel, type, value…], little endian, port 85. */
export function encode({ distanceM, battery, tilted }: EncodeValues): EncodedUplink {
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  if (distanceM !== undefined) bytes.push(0x03, 0x82, ...little16(distanceM === null ? 0xffff : distanceM * 1000));
  bytes.push(0x04, 0x00, tilted ? 1 : 0);
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

function little16(value: number): [number, number] {
  const whole = Math.min(0xffff, Math.max(0, Math.round(value)));
  return [whole & 0xff, whole >> 8];
}
