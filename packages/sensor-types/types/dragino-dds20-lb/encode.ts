import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Li-SOCl2 pack: full and empty by the manual's battery section.
const EMPTY_V = 2.8;
const FULL_V = 3.6;

/** Writes a DDS20-LB uplink of eight bytes, big endian, port 2. */
export function encode({ temperatureC, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  // 0 stands for an ultrasonic sensor that does not answer, 20 for no valid height.
  const mm = values?.waterLevel === undefined ? 0 : Math.max(20, Math.round(values.waterLevel * 1000));
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, Math.round(volts * 1000) & 0x3fff);
  view.setUint16(2, Math.min(mm, 0xffff));
  view.setInt16(5, Math.round((temperatureC ?? 0) * 10));
  view.setUint8(7, mm === 0 ? 0 : 1);
  return { fPort: 2, bytes: new Uint8Array(view.buffer) };
}
