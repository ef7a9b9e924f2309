import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const NONE = 0xffff;
const EMPTY_V = 3;
const FULL_V = 3.6;

/** Writes a WILSEN.sonic.distance uplink: distance in mm, amplitude, temperature, battery, place where there is one; port 1. */
export function encode({ distanceM, temperatureC, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const isSeen = distanceM !== null && distanceM !== undefined;
  const mm = isSeen ? Math.min(NONE - 1, Math.max(1, Math.round(distanceM * 1000))) : NONE;
  const fields = [
    [0x0b, 0x02, mm >> 8, mm & 0xff],
    [0x0b, 0x07, isSeen ? 255 : 0],
    [0x02, 0x01, ...bytesOf((view) => view.setFloat32(0, temperatureC ?? 20))],
    [0x51, 0x01, Math.round(volts * 10)],
  ];
  const { latitude, longitude } = values ?? {};
  if (latitude !== undefined)
    fields.push([0x50, 0x01, ...bytesOf((view) => view.setInt32(0, Math.round(latitude * 1e6)))]);
  if (longitude !== undefined)
    fields.push([0x50, 0x02, ...bytesOf((view) => view.setInt32(0, Math.round(longitude * 1e6)))]);
  return { fPort: 1, bytes: Uint8Array.from(fields.flatMap((field) => [field.length, ...field])) };
}

function bytesOf(write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  write(view);
  return new Uint8Array(view.buffer);
}
