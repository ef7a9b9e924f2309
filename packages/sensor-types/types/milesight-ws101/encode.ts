import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const SHORT_PRESS = 1;

/** Writes a WS101 uplink: battery and one short press, port 85. */
export function encode({ battery }: EncodeValues): EncodedUplink {
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  bytes.push(0xff, 0x2e, SHORT_PRESS);
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}
