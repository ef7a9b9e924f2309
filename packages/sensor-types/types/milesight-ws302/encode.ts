import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** A-weighted, fast. */
const WEIGHTING_AF = 0x05;

/** Writes a WS302 uplink: battery and the three sound levels, little endian, port 85. */
export function encode({ battery, values }: EncodeValues): EncodedUplink {
  const { soundLevel = 40, soundPeak = soundLevel } = values ?? {};
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  bytes.push(0x05, 0x5b, WEIGHTING_AF, ...[soundLevel, soundLevel, soundPeak].flatMap(little16));
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

/** Tenths of a decibel. */
function little16(level: number): [number, number] {
  const tenths = Math.round(level * 10);
  return [tenths & 0xff, (tenths >> 8) & 0xff];
}
