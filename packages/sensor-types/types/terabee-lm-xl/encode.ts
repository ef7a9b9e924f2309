import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Height set in the device, metres; it works out its level from this. */
const HEIGHT_M = 4;
const TOO_FAR = 0xffff;
const LEVEL_ERROR = 255;
// Lithium D cell: full and empty by the specification sheet.
const EMPTY_V = 2.8;
const FULL_V = 3.6;

/** Writes an LM-XL uplink of six bytes, port 1. */
export function encode({ distanceM, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const isSeen = distanceM !== null && distanceM !== undefined;
  const level = values?.fill ?? (isSeen ? 1 - distanceM / HEIGHT_M : undefined);
  const view = new DataView(new ArrayBuffer(6));
  view.setUint16(0, isSeen ? Math.min(0xfffe, Math.max(2, Math.round(distanceM * 1000))) : TOO_FAR);
  view.setUint8(2, level === undefined ? LEVEL_ERROR : Math.round(Math.min(1, Math.max(0, level)) * 100));
  view.setUint16(3, Math.round(volts * 1000));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
