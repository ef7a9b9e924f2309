import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an EM500-SMTC uplink: [channel, type, value…], little endian, port 85. */
export function encode({ battery, values = {} }: EncodeValues): EncodedUplink {
  const { soilMoisture, soilTemperature, soilConductivity } = values;
  const bytes: number[] = [];
  if (battery !== undefined) bytes.push(0x01, 0x75, Math.round(battery * 100));
  if (soilTemperature !== undefined) bytes.push(0x03, 0x67, ...little16(soilTemperature * 10));
  bytes.push(0x04, 0xca, ...little16((soilMoisture ?? 0.2) * 10_000));
  if (soilConductivity !== undefined) bytes.push(0x05, 0x7f, ...little16(soilConductivity));
  return { fPort: 85, bytes: Uint8Array.from(bytes) };
}

function little16(value: number): [number, number] {
  const whole = Math.round(value);
  return [whole & 0xff, (whole >> 8) & 0xff];
}
