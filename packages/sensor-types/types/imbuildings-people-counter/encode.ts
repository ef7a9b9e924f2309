import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Two lithium AA cells in series.
const EMPTY_V = 2.2;
const FULL_V = 3.1;

/** Writes counts and totals without a header (variant 6); port 26. */
export function encode({ battery, batteryVoltageV, values = {} }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const { peopleIn = 0, peopleOut = 0 } = values;
  const view = new DataView(new ArrayBuffer(13));
  view.setUint16(1, Math.round(volts * 100));
  // This interval and in total: the simulator knows one number each.
  [peopleIn, peopleOut].forEach((count, index) => {
    view.setUint16(3 + 2 * index, Math.round(count) & 0xffff);
    view.setUint16(8 + 2 * index, Math.round(count) & 0xffff);
  });
  return { fPort: 26, bytes: new Uint8Array(view.buffer) };
}
