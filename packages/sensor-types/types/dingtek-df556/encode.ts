import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const FULL_V = 3.6;

/** Writes a DF556 frame of 18 bytes, port 3. */
export function encode({ batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const view = new DataView(new ArrayBuffer(18));
  [0x80, 0x00, 0x16, 0x02, 18].forEach((byte, i) => view.setUint8(i, byte));
  const level = values?.waterLevel;
  // 0xffff stands for a probe that gave nothing
  view.setUint16(5, level === undefined ? 0xffff : Math.min(0xfffe, Math.max(0, Math.round(level * 1000))));
  view.setUint8(11, values?.fullAlarm ? 16 : 0);
  view.setUint8(12, values?.batteryLow ? 1 : 0);
  view.setUint16(13, Math.round((batteryVoltageV ?? FULL_V) * 100));
  view.setUint16(15, 1);
  view.setUint8(17, 0x81);
  return { fPort: 3, bytes: new Uint8Array(view.buffer) };
}
