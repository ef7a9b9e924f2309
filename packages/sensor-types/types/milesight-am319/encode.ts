import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an AM319 uplink: [channel, type, value…], little endian, port 85. */
export function encode({ battery, temperatureC, humidity, pressurePa, values = {} }: EncodeValues): EncodedUplink {
  const { motion, co2, pm2_5, pm10, o3 } = values;
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  if (temperatureC !== undefined) bytes.push(0x03, 0x67, ...little16(temperatureC * 10));
  if (humidity !== undefined) bytes.push(0x04, 0x68, Math.round(humidity * 200));
  if (motion !== undefined) bytes.push(0x05, 0x00, motion);
  bytes.push(0x07, 0x7d, ...little16(co2 ?? 420));
  if (pressurePa !== undefined) bytes.push(0x09, 0x73, ...little16(pressurePa / 10));
  if (pm2_5 !== undefined) bytes.push(0x0b, 0x7d, ...little16(pm2_5));
  if (pm10 !== undefined) bytes.push(0x0c, 0x7d, ...little16(pm10));
  // Hundredths of a ppm; 1996 ug/m3 of ozone make one at 20 degrees and 1013 hPa.
  if (o3 !== undefined) bytes.push(0x0d, 0x7d, ...little16((o3 / 1996) * 100));
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

function little16(value: number): [number, number] {
  const whole = Math.round(value);
  return [whole & 0xff, (whole >> 8) & 0xff];
}
