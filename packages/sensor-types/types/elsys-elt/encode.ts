import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an Elsys uplink: [type, value…], big endian, port 5 as delivered. */
export function encode(values: EncodeValues): EncodedUplink {
  const { distanceM, temperatureC, humidity, pressurePa, battery, batteryVoltageV } = values;
  const bytes: number[] = [];
  if (temperatureC !== undefined) bytes.push(0x01, ...big16(temperatureC * 10));
  if (humidity !== undefined) bytes.push(0x02, Math.round(humidity * 100));
  if (pressurePa !== undefined) bytes.push(0x14, ...big32(pressurePa * 10));
  // 3.6 V lithium cell; 2.8 V is the end.
  const volts = batteryVoltageV ?? (battery === undefined ? undefined : 2.8 + battery * 0.8);
  if (volts !== undefined) bytes.push(0x07, ...big16(volts * 1000));
  if (distanceM !== undefined) bytes.push(0x0e, ...big16(distanceM === null ? 9999 : Math.min(9999, distanceM * 1000)));
  return { fPort: 5, bytes: Uint8Array.from(bytes) };
}

function big16(value: number): [number, number] {
  const whole = Math.round(value);
  return [(whole >> 8) & 0xff, whole & 0xff];
}

function big32(value: number): [number, number, number, number] {
  const whole = Math.round(value);
  return [(whole >>> 24) & 0xff, (whole >>> 16) & 0xff, (whole >>> 8) & 0xff, whole & 0xff];
}
