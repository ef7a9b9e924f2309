import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a DF702 frame, with a place where there is one; port 3. */
export function encode({ distanceM, temperatureC, tilted, values }: EncodeValues): EncodedUplink {
  const hasPlace = values?.latitude !== undefined && values.longitude !== undefined;
  const size = hasPlace ? 25 : 17;
  const view = new DataView(new ArrayBuffer(size));
  [0x80, 0x00, 0x01, 0x01, size].forEach((byte, i) => view.setUint8(i, byte));
  // 0 stands for a sensor that gave nothing
  view.setUint16(5, distanceM === null ? 0 : Math.min(0xffff, Math.round((distanceM ?? 0) * 1000)));
  view.setUint8(7, hasPlace ? 1 : 0);
  view.setFloat32(8, values?.longitude ?? 0, true);
  if (hasPlace) view.setFloat32(12, values.latitude ?? 0, true);
  const at = hasPlace ? 16 : 8;
  const angle = Math.round(values?.tiltAngle ?? (tilted ? 45 : 0));
  view.setInt8(at, Math.round(temperatureC ?? 20));
  view.setUint8(at + 1, angle < 0 ? 1 : 0);
  view.setUint8(at + 2, Math.abs(angle));
  view.setUint8(at + 3, flag(values?.fullAlarm) * 16 + flag(values?.fireAlarm));
  view.setUint8(at + 4, (tilted ? 16 : 0) + flag(values?.batteryLow));
  view.setUint16(size - 4, 1);
  view.setUint8(size - 1, 0x81);
  return { fPort: 3, bytes: new Uint8Array(view.buffer) };
}

function flag(value: number | undefined): number {
  return value ? 1 : 0;
}
