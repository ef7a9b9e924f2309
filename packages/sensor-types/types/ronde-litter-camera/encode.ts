import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Writes the JSON text a litter camera sends; what was counted goes under one class. */
export function encode({ values }: EncodeValues): EncodedUplink {
  const text = JSON.stringify({ v: 1, counts: { other: Math.round(values?.litterCount ?? 0) }, seen: 1 });
  return { fPort: 1, bytes: new TextEncoder().encode(text) };
}
