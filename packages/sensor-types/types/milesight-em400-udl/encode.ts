import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an EM400-UDL uplink: [channel, type, value…], little endian, port 85. */
export function encode({ distanceM, temperatureC, battery, tilted }: EncodeValues): EncodedUplink {
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  if (temperatureC !== undefined) bytes.push(0x03, 0x67, ...little16(Math.round(temperatureC * 10)));
  if (distanceM !== undefined) {
    const distanceMm = distanceM === null ? 0xfffd : Math.min(0xffff, Math.max(0, Math.round(distanceM * 1000)));
    bytes.push(0x04, 0x82, ...little16(distanceMm));
  }
  bytes.push(0x05, 0x00, tilted ? 1 : 0);
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

function little16(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}
