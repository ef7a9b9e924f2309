import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

// Li-SOCl2 cell, as the health limits of the payload description see it.
const EMPTY_V = 2.9;
const FULL_V = 3.5;

/** Writes a G4 heartbeat with battery and temperature; port 2. */
export function encode({ temperatureC, battery, batteryVoltageV, values }: EncodeValues): EncodedUplink {
  const volts = batteryVoltageV ?? EMPTY_V + (battery ?? 1) * (FULL_V - EMPTY_V);
  const steps = Math.min(255, Math.max(0, Math.round((volts * 1000 - 2500) / 4)));
  const halves = Math.round(((temperatureC ?? 10) - 10) * 2);
  return { fPort: 2, bytes: Uint8Array.of(values?.occupancy === 1 ? 1 : 0, steps, halves & 0xff) };
}
