import { quantityOf, type Quantity, type UplinkValue } from '@ronde/contracts';
import type { TimedValue } from './item.ts';

/** Gives a value that came under its catalogue name the canonical form; the check step judges it. */
export function fromUplinkValue({ quantity, value, chamber, atMs, assetId }: UplinkValue): TimedValue {
  return {
    ...plain(quantity, value),
    ...(chamber !== undefined && { chamber }),
    ...(atMs !== undefined && { atMs }),
    ...(assetId !== undefined && { assetId }),
  };
}

/** Gives the radio's part of an uplink as values; empty when the network said nothing. */
export function fromRadio(radio: { rssi: number | null; snr: number | null } | null): TimedValue[] {
  if (!radio) return [];
  const values: TimedValue[] = [];
  if (radio.rssi !== null) values.push(plain('rssi', radio.rssi));
  if (radio.snr !== null) values.push(plain('snr', radio.snr));
  return values;
}

function plain(quantity: Quantity, value: number): TimedValue {
  return { quantity, value, unit: quantityOf(quantity).unit, quality: 'ok', flags: [] };
}
