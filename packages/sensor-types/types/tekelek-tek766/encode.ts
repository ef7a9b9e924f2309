import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Result code 10 and strength 10 of the echo. */
const GOOD_ECHO = 0xaa;

/** Writes a TEK 766 measurement with one reading, port 16. */
export function encode({ distanceM, temperatureC }: EncodeValues): EncodedUplink {
  const isSeen = distanceM !== null && distanceM !== undefined;
  const view = new DataView(new ArrayBuffer(20));
  view.setUint8(0, 0x10);
  view.setUint8(3, 0x18);
  view.setUint16(4, isSeen ? Math.min(0xffff, Math.max(1, Math.round(distanceM * 100))) : 0);
  view.setInt8(6, Math.round(temperatureC ?? 20));
  view.setUint8(7, isSeen ? GOOD_ECHO : 0);
  return { fPort: 16, bytes: new Uint8Array(view.buffer) };
}
