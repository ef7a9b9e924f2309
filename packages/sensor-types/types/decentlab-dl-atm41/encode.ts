import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const ZERO = 32768;
const EMPTY_V = 2;
const FULL_V = 3.1;

/** Writes a DL-ATM41 uplink: header, the 17 words of the weather station, battery; port 1. */
export function encode({ temperatureC, humidity, pressurePa, battery, ...rest }: EncodeValues): EncodedUplink {
  const volts = rest.batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const {
    solarRadiation = 0,
    rainfall = 0,
    windSpeed = 0,
    windDirection = 0,
    windGust = windSpeed,
  } = rest.values ?? {};
  const station = new Array<number>(17).fill(0);
  station.splice(0, 2, solarRadiation, rainfall * 1000);
  station.splice(2, 1, rest.values?.count ?? 0);
  station.splice(4, 4, windSpeed * 100, windDirection * 10, windGust * 100, (temperatureC ?? 15) * 10);
  station.splice(9, 2, (pressurePa ?? 101_300) / 10, (humidity ?? 0.5) * 1000);
  const words = [...station.map((value) => ZERO + value), volts * 1000];
  const view = new DataView(new ArrayBuffer(5 + 2 * words.length));
  view.setUint8(0, 2);
  view.setUint16(1, 858);
  view.setUint16(3, 3);
  words.forEach((word, index) => view.setUint16(5 + 2 * index, Math.min(0xffff, Math.round(word))));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
