import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes the bytes the device would send; the simulator and the conformance suite call it. */
export function encode({ distanceM, temperatureC, battery, tilted }: EncodeValues): EncodedUplink {
  const view = new DataView(new ArrayBuffer(6));
  view.setUint16(0, typeof distanceM === 'number' ? Math.round(distanceM * 1000) : 0xffff);
  view.setInt16(2, Math.round((temperatureC ?? 20) * 10));
  view.setUint8(4, Math.round((battery ?? 1) * 100));
  view.setUint8(5, tilted ? 1 : 0);
  return { fPort: 10, bytes: new Uint8Array(view.buffer) };
}
