import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

/** Height set in the device, metres; it works out its fill level from this. */
const HEIGHT_M = 1.5;
const ERROR = 0xffff;

/** Writes an EGK-LW20W00 level message of kind 3, port 2. */
export function encode({
  distanceM,
  temperatureC,
  humidity,
  pressurePa,
  battery,
  values,
}: EncodeValues): EncodedUplink {
  const isSeen = distanceM !== null && distanceM !== undefined;
  const fill = values?.fill ?? (isSeen ? 1 - distanceM / HEIGHT_M : undefined);
  const view = new DataView(new ArrayBuffer(20));
  view.setUint8(0, 0x14);
  view.setUint8(1, 3);
  view.setUint32(2, JANUARY_2026, true);
  view.setUint16(6, 3_000, true);
  view.setUint16(8, HEIGHT_M * 1000, true);
  view.setUint16(10, isSeen ? Math.min(60_000, Math.max(0, Math.round(distanceM * 1000))) : ERROR, true);
  view.setUint8(12, fill === undefined ? 255 : Math.round(Math.min(1, Math.max(0, fill)) * 100));
  view.setInt16(13, Math.round((temperatureC ?? 20) * 100), true);
  view.setUint8(15, Math.round((humidity ?? 0.5) * 200));
  const pascal = Math.round(pressurePa ?? 101_325);
  view.setUint16(16, pascal & 0xffff, true);
  view.setUint8(18, pascal >> 16);
  view.setUint8(19, Math.round((battery ?? 1) * 100));
  return { fPort: 2, bytes: new Uint8Array(view.buffer) };
}

/** 2026-01-01T00:00 in the device's bits: year since 2000, month, day. */
const JANUARY_2026 = 26 * 2 ** 25 + 2 ** 21 + 2 ** 16;
