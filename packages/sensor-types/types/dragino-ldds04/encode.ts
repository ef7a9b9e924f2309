import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Li-SOCl2 pack: full and empty by the manual's battery section.
const EMPTY_V = 2.8;
const FULL_V = 3.6;

/** Writes an LDDS04 uplink of eleven bytes, big endian, port 2. */
export function encode({ distanceM, battery, batteryVoltageV }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const view = new DataView(new ArrayBuffer(11));
  view.setUint16(0, Math.round(volts * 1000) & 0x3fff);
  // One simulated level hangs before all four probes; 0 = a probe that is not there.
  for (const at of [2, 4, 6, 8]) view.setUint16(at, Math.round((distanceM ?? 0) * 1000));
  view.setUint8(10, 1);
  return { fPort: 2, bytes: new Uint8Array(view.buffer) };
}
