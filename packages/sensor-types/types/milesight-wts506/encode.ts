import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a WTS506 uplink: [channel, type, value…], little endian, port 85. */
export function encode({ battery, temperatureC, humidity, pressurePa, values = {} }: EncodeValues): EncodedUplink {
  const { windDirection, windSpeed, rainfall } = values;
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  bytes.push(0x03, 0x67, ...little(Math.round((temperatureC ?? 15) * 10), 2));
  if (humidity !== undefined) bytes.push(0x04, 0x68, Math.round(humidity * 200));
  if (windDirection !== undefined) bytes.push(0x05, 0x84, ...little(Math.round(windDirection * 10), 2));
  if (pressurePa !== undefined) bytes.push(0x06, 0x73, ...little(Math.round(pressurePa / 10), 2));
  if (windSpeed !== undefined) bytes.push(0x07, 0x92, ...little(Math.round(windSpeed * 10), 2));
  if (rainfall !== undefined) bytes.push(0x08, 0xec, ...little(Math.round(rainfall * 100), 4), 1);
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

function little(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, index) => (value >> (8 * index)) & 0xff);
}
