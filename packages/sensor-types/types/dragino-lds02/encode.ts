import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Two AAA cells in series.
const EMPTY_V = 2.1;
const FULL_V = 3.1;
const MODE_BOTH = 3;

/** Writes a message of mode 3, door and leak in one; port 10. */
export function encode({ battery, batteryVoltageV, lidOpen, values = {} }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const open = values.doorOpen ?? (lidOpen ? 1 : 0);
  const view = new DataView(new ArrayBuffer(10));
  view.setUint16(0, (open << 15) | ((values.waterLeak ?? 0) << 14) | (Math.round(volts * 1000) & 0x3fff));
  view.setUint8(2, MODE_BOTH);
  return { fPort: 10, bytes: new Uint8Array(view.buffer) };
}
