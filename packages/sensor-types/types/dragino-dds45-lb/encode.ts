import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Li-SOCl2 pack: full and empty by the manual's battery section.
const EMPTY_V = 2.8;
const FULL_V = 3.6;

/** Writes a DDS45-LB uplink of eight bytes, big endian, port 2. */
export function encode({ distanceM, temperatureC, battery, batteryVoltageV }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, Math.round(volts * 1000) & 0x3fff);
  view.setUint16(2, toMillimetres(distanceM));
  view.setInt16(5, Math.round((temperatureC ?? 0) * 10));
  view.setUint8(7, distanceM === null ? 0 : 1);
  return { fPort: 2, bytes: new Uint8Array(view.buffer) };
}

/** The device sends 0 without an ultrasonic sensor and 20 for everything under 30 mm. */
function toMillimetres(distanceM: number | null | undefined): number {
  if (distanceM === null || distanceM === undefined) return 0;
  const mm = Math.round(distanceM * 1000);
  return mm < 30 ? 20 : Math.min(mm, 0xffff);
}
