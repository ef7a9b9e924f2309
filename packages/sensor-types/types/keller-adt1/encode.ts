import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Metres of water that one bar carries at 1000 kg/m3. */
const METRES_PER_BAR = 10.1972;
const CONNECTION_RS485_BARO = 3;
/** Pd (P1-PBaro), TOB1, PBaro and TBaro: bits 0, 4, 6 and 7. */
const CHANNELS = 0b1101_0001;

/** Writes measured values of a level probe with its barometer; port 1. */
export function encode({ distanceM, temperatureC, pressurePa, values = {} }: EncodeValues): EncodedUplink {
  const level = distanceM === null ? NaN : (values.waterLevel ?? 0) / METRES_PER_BAR;
  const floats = [level, values.waterTemperature ?? 15, (pressurePa ?? 101_300) / 100_000, temperatureC ?? 15];
  const view = new DataView(new ArrayBuffer(4 + 4 * floats.length));
  view.setUint8(0, 1);
  view.setUint8(1, CONNECTION_RS485_BARO);
  view.setUint16(2, CHANNELS);
  floats.forEach((value, index) => view.setFloat32(4 + 4 * index, value));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
