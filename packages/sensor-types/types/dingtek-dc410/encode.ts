import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a DC410 frame of 17 bytes, port 3. */
export function encode({ distanceM, temperatureC, values }: EncodeValues): EncodedUplink {
  const angle = Math.round(values?.tiltAngle ?? 0);
  const view = new DataView(new ArrayBuffer(17));
  [0x80, 0x00, 0x01, 0x02, 17].forEach((byte, i) => view.setUint8(i, byte));
  // 0 stands for a sensor that gave nothing
  view.setUint16(5, distanceM === null ? 0 : Math.min(0xffff, Math.round((distanceM ?? 0) * 1000)));
  view.setInt8(8, Math.round(temperatureC ?? 20));
  view.setUint8(9, angle < 0 ? 1 : 0);
  view.setUint8(10, Math.abs(angle));
  view.setUint8(11, values?.fullAlarm ? 16 : 0);
  view.setUint8(12, (values?.motion ? 16 : 0) + (values?.batteryLow ? 1 : 0));
  view.setUint16(13, 1);
  view.setUint8(16, 0x81);
  return { fPort: 3, bytes: new Uint8Array(view.buffer) };
}
