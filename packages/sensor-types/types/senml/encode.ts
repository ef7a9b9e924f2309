import { quantityOf } from '@ronde/contracts';
import { quantitiesOf } from '@ronde/sensor-types';
import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes a SenML pack in CBOR (RFC 8428, section 6): [{0: name, 1: unit, 2: value}, …]; nothing seen is null. */
export function encode(values: EncodeValues): EncodedUplink {
  const records = [...quantitiesOf(values)].map(([quantity, value]) => {
    const { unit, binary } = quantityOf(quantity);
    const measured = binary ? [0x04, value === 1 ? 0xf5 : 0xf4] : [0x02, ...number(value)];
    return [0xa0 | (binary ? 2 : 3), 0x00, ...text(quantity), ...(binary ? [] : [0x01, ...text(unit)]), ...measured];
  });
  return { fPort: 1, bytes: Uint8Array.from([...head(0x80, records.length), ...records.flat()]) };
}

function head(major: number, length: number): number[] {
  return length < 24 ? [major | length] : [major | 24, length];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...head(0x60, bytes.length), ...bytes];
}

/** A 64-bit number, or null. */
function number(value: number | null): number[] {
  if (value === null) return [0xf6];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return [0xfb, ...new Uint8Array(view.buffer)];
}
