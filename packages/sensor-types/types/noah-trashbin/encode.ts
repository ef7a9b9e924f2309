import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const NONE = 0xffff;
/** Exactly 0 °C cannot be told from no sensor at all. */
const LEAST_C = 0.05;

/** Writes a NOAH uplink of six bytes, port 1. */
export function encode({ distanceM, temperatureC, values }: EncodeValues): EncodedUplink {
  const fill = values?.fill ?? (distanceM === null ? undefined : 0.5);
  const heat = temperatureC ?? 20;
  const view = new DataView(new ArrayBuffer(6));
  view.setUint16(0, sflt16((Math.abs(heat) < LEAST_C ? LEAST_C : heat) / 100), true);
  view.setUint16(2, 13_000, true);
  view.setUint16(4, fill === undefined ? NONE : sflt16(1 - Math.min(1, Math.max(0, fill))), true);
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}

/** Sign, 4 bits of exponent, 11 of mantissa: a fraction between -1 and 1. */
function sflt16(value: number): number {
  const size = Math.min(Math.abs(value), 2047 / 2048);
  if (size === 0) return 0;
  const exponent = Math.min(15, Math.max(0, Math.floor(Math.log2(size)) + 16));
  const mantissa = Math.min(2047, Math.round((size / 2 ** (exponent - 15)) * 2048));
  return (value < 0 ? 0x8000 : 0) | (exponent << 11) | mantissa;
}
