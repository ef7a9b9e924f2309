import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Two alkaline C cells in series.
const EMPTY_V = 2;
const FULL_V = 3.1;
const ZERO = 32768;
/** The lowest word: the probe did not answer. */
const NO_ANSWER = 0;

/** Writes a DL-CTD10 uplink: header, depth, temperature, conductivity, freezing flag, battery; port 1. */
export function encode({ distanceM, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const { waterLevel = 0, waterTemperature = 15, waterConductivity = 0 } = values ?? {};
  const silent = distanceM === null;
  const view = new DataView(new ArrayBuffer(15));
  view.setUint8(0, 2);
  view.setUint16(1, 2009);
  view.setUint16(3, 3);
  view.setUint16(5, silent ? NO_ANSWER : ZERO + Math.round(waterLevel * 1000));
  view.setUint16(7, silent ? NO_ANSWER : ZERO + Math.round(waterTemperature * 10));
  view.setUint16(9, silent ? NO_ANSWER : Math.min(0xffff, Math.round(waterConductivity)));
  view.setUint16(11, !silent && waterTemperature <= 0 ? 1 : 0);
  view.setUint16(13, Math.round(volts * 1000));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
