import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a WS202 uplink: battery and motion, port 85. */
export function encode({ battery, values }: EncodeValues): EncodedUplink {
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  bytes.push(0x03, 0x00, values?.motion === 1 ? 1 : 0);
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}
