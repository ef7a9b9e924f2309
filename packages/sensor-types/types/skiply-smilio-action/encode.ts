import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes the counters of the five buttons; the simulator knows one number for all; port 2. */
export function encode({ values }: EncodeValues): EncodedUplink {
  const presses = Math.round(values?.buttonPresses ?? 0) & 0xffff;
  const counters = Array.from({ length: 5 }, () => [presses >> 8, presses & 0xff]).flat();
  return { fPort: 2, bytes: Uint8Array.from([0x02, ...counters]) };
}
