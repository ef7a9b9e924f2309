export interface Airtime {
  /** Bytes of application payload; the LoRaWAN frame around them has 13 more. */
  payloadBytes: number;
  spreadingFactor: number;
  bandwidthHz?: number | undefined;
}

const LORAWAN_OVERHEAD_BYTES = 13;
const PREAMBLE_SYMBOLS = 8;
const CODING_RATE = 1;

/**
 * Gives the time on air of a LoRaWAN uplink, milliseconds.
 * @see Semtech SX1276 data sheet, §4.1.1.7 (explicit header, CRC on, coding rate 4/5)
 */
export function airtimeMs({ payloadBytes, spreadingFactor, bandwidthHz = 125_000 }: Airtime): number {
  const symbolMs = (2 ** spreadingFactor / bandwidthHz) * 1000;
  const lowRate = symbolMs > 16 ? 1 : 0;
  const bits = 8 * (payloadBytes + LORAWAN_OVERHEAD_BYTES) - 4 * spreadingFactor + 28 + 16;
  const blocks = Math.max(0, Math.ceil(bits / (4 * (spreadingFactor - 2 * lowRate))));
  const payloadSymbols = 8 + blocks * (CODING_RATE + 4);
  return (PREAMBLE_SYMBOLS + 4.25 + payloadSymbols) * symbolMs;
}

/** Largest application payload by spreading factor, EU868 (LoRaWAN Regional Parameters RP002-1.0.4, table 5, no repeater). */
const MAX_PAYLOAD_BYTES: Record<number, number> = { 7: 242, 8: 242, 9: 115, 10: 51, 11: 51, 12: 51 };
export const SLOWEST_SF = 12;

/** Gives how many bytes fit into one frame at a spreading factor. */
export function maxPayloadBytes(spreadingFactor: number): number {
  return MAX_PAYLOAD_BYTES[spreadingFactor] ?? 51;
}

/** Demodulation floor by spreading factor, dB of SNR (SX1276 data sheet, table 13). */
const SNR_FLOOR_DB: Record<number, number> = { 6: -5, 7: -7.5, 8: -10, 9: -12.5, 10: -15, 11: -17.5, 12: -20 };

/** Gives how far an SNR lies above what a spreading factor needs, dB. */
export function marginDb(snr: number, spreadingFactor: number): number {
  return snr - (SNR_FLOOR_DB[spreadingFactor] ?? SNR_FLOOR_DB[SLOWEST_SF]!);
}

/** Share of time that EU868's sub-band g1 allows a device to send (ETSI EN 300 220-2). */
export const DUTY_CYCLE = 0.01;
