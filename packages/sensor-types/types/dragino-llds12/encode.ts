import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Li-SOCl2 pack: full and empty by the manual's battery section.
const EMPTY_V = 2.8;
const FULL_V = 3.6;
const STRONG_ECHO = 433;

/** Writes an LLDS12 uplink of eleven bytes, big endian, port 2. */
export function encode({ distanceM, temperatureC, battery, batteryVoltageV }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const isSeen = distanceM !== null && distanceM !== undefined;
  const view = new DataView(new ArrayBuffer(11));
  view.setUint16(0, Math.round(volts * 1000) & 0x3fff);
  view.setInt16(2, Math.round((temperatureC ?? 0) * 10));
  view.setUint16(4, isSeen ? Math.min(0xfffe, Math.round(distanceM * 1000)) : 0);
  view.setUint16(6, isSeen ? STRONG_ECHO : 0);
  view.setInt8(9, Math.round(temperatureC ?? 20));
  view.setUint8(10, 1);
  return { fPort: 2, bytes: new Uint8Array(view.buffer) };
}
