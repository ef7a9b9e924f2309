import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a VS121 uplink: people in the picture, and totals that passed the line; little endian, port 85. */
export function encode({ values = {} }: EncodeValues): EncodedUplink {
  const { count = 0, peopleIn = 0, peopleOut = 0 } = values;
  const regions = [0x04, 0xc9, Math.min(255, Math.round(count)), 1, 0, count > 0 ? 1 : 0];
  return { fPort: 85, bytes: Uint8Array.from([...regions, 0x0d, 0xcc, ...[peopleIn, peopleOut].flatMap(little16)]) };
}

function little16(value: number): [number, number] {
  const whole = Math.round(value);
  return [whole & 0xff, (whole >> 8) & 0xff];
}
