import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// LiFePO4 cell
const EMPTY_V = 2.8;
const FULL_V = 3.4;
const NOTHING_IN_REACH = 4;

/** Writes an uplink of the filling degree sensor: port 1 with a distance in cm, port 2 without one. */
export function encode({ distanceM, battery, batteryVoltageV }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const tenths = Math.max(0, Math.round((volts - 2) * 10));
  if (distanceM === null || distanceM === undefined)
    return { fPort: 2, bytes: Uint8Array.of(tenths, NOTHING_IN_REACH) };
  const cm = Math.min(0xffff, Math.max(0, Math.round(distanceM * 100)));
  return { fPort: 1, bytes: Uint8Array.of(tenths, cm >> 8, cm & 0xff) };
}
