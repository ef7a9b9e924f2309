import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an AM103 uplink: [channel, type, value…], little endian, port 85. */
export function encode({ battery, temperatureC, humidity, values }: EncodeValues): EncodedUplink {
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  if (temperatureC !== undefined) bytes.push(0x03, 0x67, ...little16(temperatureC * 10));
  if (humidity !== undefined) bytes.push(0x04, 0x68, Math.round(humidity * 200));
  bytes.push(0x07, 0x7d, ...little16(values?.co2 ?? 420));
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

function little16(value: number): [number, number] {
  const whole = Math.round(value);
  return [whole & 0xff, (whole >> 8) & 0xff];
}
