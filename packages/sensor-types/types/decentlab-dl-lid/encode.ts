import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const ALL_SAMPLES = 100;
// Two alkaline C cells in series.
const EMPTY_V = 2;
const FULL_V = 3.1;

/** Writes a DL-LID uplink: header, distribution of the distance, battery voltage; port 1. */
export function encode({ distanceM, battery, batteryVoltageV, samples, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const mm = millimetres(distanceM);
  const [nearest, farthest] = [
    millimetres(values?.distanceMin ?? distanceM),
    millimetres(values?.distanceMax ?? distanceM),
  ];
  const view = new DataView(new ArrayBuffer(29));
  view.setUint8(0, 2);
  view.setUint16(1, 4553);
  view.setUint16(3, 3);
  // average, minimum, maximum, median, 10th, 25th, 75th, 90th percentile, most frequent value
  [mm, nearest, farthest, mm, mm, mm, mm, mm, mm].forEach((value, i) => view.setUint16(5 + 2 * i, value));
  view.setUint16(23, distanceM === null ? 0 : (samples ?? ALL_SAMPLES));
  view.setUint16(25, 409);
  view.setUint16(27, Math.round(volts * 1000));
  return { fPort: 1, bytes: new Uint8Array(view.buffer) };
}

function millimetres(distanceM: number | null | undefined): number {
  return distanceM === null ? 0xffff : Math.min(0xfffe, Math.max(0, Math.round((distanceM ?? 0) * 1000)));
}
