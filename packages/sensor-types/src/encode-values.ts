import type { Quantity } from '@ronde/contracts';

/** What a simulated device measures; an encoder takes what its device can send and leaves the rest. */
export interface EncodeValues {
  /** Metres; null = nothing seen, sent as the device's own code where it has one. */
  distanceM?: number | null | undefined;
  temperatureC?: number | undefined;
  /** Charge, fraction 0…1; devices that send a voltage map it to their battery's span. */
  battery?: number | undefined;
  batteryVoltageV?: number | undefined;
  tilted?: boolean | undefined;
  /** Relative humidity, fraction 0…1. */
  humidity?: number | undefined;
  pressurePa?: number | undefined;
  /** Echoes that the device could use for its value. */
  samples?: number | undefined;
  /** Lid open at the moment of measuring. */
  lidOpen?: boolean | undefined;
  /** Any further quantity by its catalogue name, in the catalogue's unit. */
  values?: Partial<Record<Quantity, number>> | undefined;
}

/** The bytes of one uplink and the port they go out on. */
export interface EncodedUplink {
  fPort: number;
  bytes: Uint8Array;
}

/** What `encode.ts` of a sensor type exports as `encode`. */
export type Encode = (values: EncodeValues) => EncodedUplink;

/** Gives the values by quantity; null = nothing seen. */
export function quantitiesOf(values: EncodeValues): Map<Quantity, number | null> {
  const given: Partial<Record<Quantity, number | null | undefined>> = {
    ...values.values,
    distance: values.distanceM,
    temperature: values.temperatureC,
    battery: values.battery,
    batteryVoltage: values.batteryVoltageV,
    humidity: values.humidity,
    pressure: values.pressurePa,
    tilt: values.tilted === undefined ? undefined : Number(values.tilted),
    lidOpen: values.lidOpen === undefined ? undefined : Number(values.lidOpen),
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return new Map(entries as [Quantity, number | null][]);
}
