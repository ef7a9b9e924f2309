import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes an uplink as an ERS CO2 or ERS Sound sends it: [type, value…], big endian, port 5 as delivered. */
export function encode({ temperatureC, humidity, battery, batteryVoltageV, values = {} }: EncodeValues): EncodedUplink {
  const { illuminance, motion, co2, soundLevel, soundPeak } = values;
  const bytes: number[] = [0x01, ...big16((temperatureC ?? 20) * 10)];
  if (humidity !== undefined) bytes.push(0x02, Math.round(humidity * 100));
  if (illuminance !== undefined) bytes.push(0x04, ...big16(illuminance));
  if (motion !== undefined) bytes.push(0x05, motion);
  if (co2 !== undefined) bytes.push(0x06, ...big16(co2));
  // 3.6 V lithium cells; 2.8 V is the end.
  const volts = batteryVoltageV ?? (battery === undefined ? undefined : 2.8 + battery * 0.8);
  if (volts !== undefined) bytes.push(0x07, ...big16(volts * 1000));
  if (soundLevel !== undefined) bytes.push(0x15, Math.round(soundPeak ?? soundLevel), Math.round(soundLevel));
  return { fPort: 5, bytes: Uint8Array.from(bytes) };
}

function big16(value: number): [number, number] {
  const whole = Math.round(value);
  return [(whole >> 8) & 0xff, whole & 0xff];
}
