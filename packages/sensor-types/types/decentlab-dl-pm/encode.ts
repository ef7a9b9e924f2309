import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const BATTERY_V = { empty: 2, full: 3.1 };
const ALL_BLOCKS = 0b1111;

/** Writes a DL-PM uplink with all four blocks; port 1. */
export function encode({ temperatureC, humidity, pressurePa, battery, ...rest }: EncodeValues): EncodedUplink {
  const volts = rest.batteryVoltageV ?? BATTERY_V.empty + (battery ?? 1) * (BATTERY_V.full - BATTERY_V.empty);
  const { pm1 = 0, pm2_5 = 0, pm4 = 0, pm10 = 0 } = rest.values ?? {};
  const masses = [pm1, pm2_5, pm4, pm10].map((value) => value * 10);
  // The platform keeps no number concentrations: a typical size and as many particles as micrograms.
  const numbers = [501, ...[pm1, pm1, pm2_5, pm4, pm10].map((value) => value * 10)];
  const climate = [(((temperatureC ?? 15) + 46.85) * 65536) / 175.72, (((humidity ?? 0.5) * 100 + 6) * 65536) / 125];
  const words = [volts * 1000, ...masses, ...numbers, ...climate, (pressurePa ?? 101_300) / 2];
  const view = new DataView(new ArrayBuffer(5 + 2 * words.length));
  view.setUint8(0, 2);
  view.setUint16(1, 6992);
  view.setUint16(3, ALL_BLOCKS);
  words.forEach((word, index) => view.setUint16(5 + 2 * index, Math.min(0xffff, Math.round(word))));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
