import { quantitiesOf } from '@ronde/sensor-types';
import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** [quantity, channel, type, bytes, steps per unit of the catalogue] in the order in which they are sent. */
const KINDS = [
  ['distance', 1, 130, 4, 1000],
  ['temperature', 2, 103, 2, 10],
  ['humidity', 3, 104, 1, 200],
  ['pressure', 4, 115, 2, 0.1],
  ['illuminance', 5, 101, 2, 1],
  ['occupancy', 6, 102, 1, 1],
  ['voltage', 7, 116, 2, 100],
  ['current', 8, 117, 2, 1000],
  ['power', 9, 128, 2, 1],
] as const;

/** Writes Cayenne LPP: [channel, type, value…], big endian. Nothing seen is the highest number of a distance. */
export function encode(values: EncodeValues): EncodedUplink {
  const given = quantitiesOf(values);
  const bytes = KINDS.flatMap(([quantity, channel, type, size, steps]) => {
    const value = given.get(quantity);
    if (value === undefined) return [];
    const raw = value === null ? 256 ** size - 1 : Math.round(value * steps);
    return [channel, type, ...big(raw, size)];
  });
  return { fPort: 1, bytes: Uint8Array.from(bytes) };
}

function big(value: number, size: number): number[] {
  const unsigned = value < 0 ? value + 256 ** size : value;
  return Array.from({ length: size }, (_, i) => Math.floor(unsigned / 256 ** (size - 1 - i)) % 256);
}
