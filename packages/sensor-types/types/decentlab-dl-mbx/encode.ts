import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const ALL_SAMPLES = 15;
// Two alkaline C cells in series.
const EMPTY_V = 2;
const FULL_V = 3.1;

/** Writes a DL-MBX uplink: header, distance with sample count, battery voltage; port 1. */
export function encode({ distanceM, battery, batteryVoltageV, samples }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const view = new DataView(new ArrayBuffer(11));
  view.setUint8(0, 2);
  view.setUint16(1, 303);
  view.setUint16(3, 3);
  view.setUint16(5, distanceM === null ? 9999 : Math.min(9999, Math.max(0, Math.round((distanceM ?? 0) * 1000))));
  view.setUint16(7, samples ?? (distanceM === null ? 0 : ALL_SAMPLES));
  view.setUint16(9, Math.round(volts * 1000));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}
