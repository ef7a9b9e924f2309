import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Li-SOCl2 pack: full and empty by the manual's battery section.
const EMPTY_V = 2.8;
const FULL_V = 3.6;

/** Writes an LSE01 uplink of eleven bytes, big endian, port 2. */
export function encode({ temperatureC, battery, batteryVoltageV, values = {} }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const { soilMoisture = 0.2, soilTemperature = 10, soilConductivity = 0 } = values;
  const hundredths = Math.round(soilTemperature * 100);
  const view = new DataView(new ArrayBuffer(11));
  view.setUint16(0, Math.round(volts * 1000) & 0x3fff);
  view.setInt16(2, Math.round((temperatureC ?? 0) * 10));
  view.setUint16(4, Math.round(soilMoisture * 10_000));
  // The manual counts negatives from FFFF.
  view.setUint16(6, hundredths < 0 ? hundredths + 0xffff : hundredths);
  view.setUint16(8, Math.round(soilConductivity));
  return { fPort: 2, bytes: new Uint8Array(view.buffer) };
}
