import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const NOTHING = 127;
// Lithium cell: full and empty by the document's range of voltages.
const EMPTY_V = 3;
const FULL_V = 3.6;

/** Writes a Sensoneo single sensor message of 17 bytes; the port is the customer's. */
export function encode({ distanceM, temperatureC, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const isSeen = distanceM !== null && distanceM !== undefined;
  const steps = isSeen ? Math.min(255, Math.max(1, Math.round(distanceM * 50))) : NOTHING;
  const view = new DataView(new ArrayBuffer(17));
  [0xff, 0xff, 0x22, 30, 1, 0, 0, 0].forEach((byte, i) => view.setUint8(i, byte));
  view.setUint8(8, 1 + (values?.fireAlarm ? 2 : 0));
  view.setUint8(9, isSeen && steps === NOTHING ? NOTHING - 1 : steps);
  view.setUint8(13, Math.round((volts - 2.5) * 100));
  view.setInt8(14, Math.round(temperatureC ?? 20));
  view.setUint8(15, Math.abs(Math.round(values?.tiltAngle ?? 0)));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
