import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const EMPTY_V = 3.2;
const FULL_V = 3.6;

/** Writes an R718PA22 status report of 11 bytes, port 6. */
export function encode({ temperatureC, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const level = values?.waterLevel;
  const view = new DataView(new ArrayBuffer(11));
  view.setUint8(0, 1);
  view.setUint8(1, 0x9b);
  view.setUint8(2, 1);
  view.setUint8(3, Math.round(volts * 10));
  view.setUint16(4, level === undefined ? 0xffff : Math.min(0xfffe, Math.max(0, Math.round(level * 1000))));
  view.setInt16(6, Math.round(temperatureC ?? 20));
  return { fPort: 6, bytes: new Uint8Array(view.buffer) };
}
