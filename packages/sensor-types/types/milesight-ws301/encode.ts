import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a WS301 uplink: battery and the contact, port 85. */
export function encode({ battery, lidOpen, values }: EncodeValues): EncodedUplink {
  const open = values?.doorOpen ?? (lidOpen ? 1 : 0);
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  bytes.push(0x03, 0x00, open, 0x04, 0x00, 0);
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}
