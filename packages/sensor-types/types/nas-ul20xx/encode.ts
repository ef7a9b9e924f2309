import type { EncodeValues, EncodedUplink } from '@ronde/sensor-types';

const RELAY_CLOSED = 0x80;
const LAMP_ALERT = 0x20;
const BROADCAST = 0xfe;
const ALL_RIGHT = 0;
const NO_SENSORS = 0;

/** Writes the status packet of firmware 1.1.4 with one driver; little endian, port 23. */
export function encode({ values = {} }: EncodeValues): EncodedUplink {
  const { lampOn, dimLevel = lampOn ?? 0, lampFault } = values;
  const level = Math.round(dimLevel * 100);
  const bytes = [
    // packet form, clock, flags, downlink signal and noise, temperature of the electronics
    ...[0x01, 0, 0, 0, 0, level > 0 ? RELAY_CLOSED : 0, 0, 80, 7, 20],
    ...[lampFault === 1 ? LAMP_ALERT : 0, NO_SENSORS],
    ...[BROADCAST, 0, level, ALL_RIGHT],
  ];
  return { fPort: 23, bytes: Uint8Array.from(bytes) };
}
