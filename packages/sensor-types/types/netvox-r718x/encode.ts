import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Height set in the device, metres; it works out its fill level from this. */
const FILL_MAX_M = 2;
const NONE = 0xff;
// Lithium pack: full and empty by the manual's battery section.
const EMPTY_V = 3.2;
const FULL_V = 3.6;

/** Writes a R718X status report of 11 bytes, port 6. */
export function encode({ distanceM, temperatureC, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const isSeen = distanceM !== null && distanceM !== undefined;
  const fill = values?.fill ?? (isSeen ? 1 - distanceM / FILL_MAX_M : undefined);
  const percent = fill === undefined ? NONE : Math.round(Math.min(1, Math.max(0, fill)) * 100);
  const view = new DataView(new ArrayBuffer(11));
  view.setUint8(0, 1);
  view.setUint8(1, 0x34);
  view.setUint8(2, 1);
  view.setUint8(3, Math.round(volts * 10));
  view.setUint8(4, isSeen ? 1 : 0);
  view.setUint16(5, isSeen ? Math.min(0xfffe, Math.max(0, Math.round(distanceM * 1000))) : 0xffff);
  view.setInt16(7, Math.round((temperatureC ?? 20) * 10));
  view.setUint8(9, percent);
  view.setUint8(10, Math.abs(Math.round(values?.tiltAngle ?? 0)));
  return { fPort: 6, bytes: new Uint8Array(view.buffer) };
}
