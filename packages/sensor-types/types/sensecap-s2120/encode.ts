import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes the frames 01, 02, 03 and 4c of an S2120, big endian, port 3. */
export function encode({ temperatureC, humidity, pressurePa, battery, values = {} }: EncodeValues): EncodedUplink {
  const { illuminance = 0, uvIndex = 0, windSpeed = 0, windDirection = 0, rainRate = 0 } = values;
  const { windGust = windSpeed, rainfall = 0 } = values;
  const bytes = [
    ...[0x01, ...big((temperatureC ?? 15) * 10, 2), Math.round((humidity ?? 0.5) * 100)],
    ...[...big(illuminance, 4), Math.round(uvIndex * 10), ...big(windSpeed * 10, 2)],
    ...[0x02, ...big(windDirection, 2), ...big(rainRate * 1000, 4), ...big((pressurePa ?? 101_300) / 10, 2)],
    ...[0x03, Math.round((battery ?? 1) * 100)],
    ...[0x4c, ...big(windGust * 10, 2), ...big(rainfall * 1000, 4)],
  ];
  return { fPort: 3, bytes: Uint8Array.from(bytes) };
}

function big(value: number, size: number): number[] {
  const whole = Math.round(value);
  return Array.from({ length: size }, (_, index) => (whole >> (8 * (size - 1 - index))) & 0xff);
}
