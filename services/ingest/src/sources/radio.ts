import type { GatewaySeen, UplinkRadio } from '@ronde/contracts';
import { fromBase64 } from './fields.ts';

/** A gateway as its network lists it. */
export interface Heard {
  id?: string | null | undefined;
  rssi?: number | null | undefined;
  snr?: number | null | undefined;
}
export interface DataRate {
  spreadingFactor?: number | null | undefined;
  /** In Hz, or in kHz when below 1000: both are in use. */
  bandwidth?: number | null | undefined;
}

const MAX_GATEWAYS = 16;
const KHZ_BELOW = 1_000;

/** Proto3 JSON leaves zero values out: an absent SNR beside an RSSI is 0. */
export function zeroSnr<H extends Heard>(heard: H): H {
  return typeof heard.rssi === 'number' ? { ...heard, snr: heard.snr ?? 0 } : heard;
}

/**
 * Sorts the gateways that heard an uplink, best first: highest RSSI, then highest SNR, those without signal last. The best
 * one's signal is the uplink's. Null when no gateway gives a signal strength.
 */
export function radioOf(gateways: readonly Heard[], dataRate: DataRate = {}): UplinkRadio | null {
  const seenBy = gateways
    .map(({ id, rssi, snr }): GatewaySeen => ({ id: id ?? null, rssi: rssi ?? null, snr: snr ?? null }))
    .sort((a, b) => (b.rssi ?? -Infinity) - (a.rssi ?? -Infinity) || (b.snr ?? -Infinity) - (a.snr ?? -Infinity));
  const [best] = seenBy;
  if (!best || best.rssi === null) return null;
  return {
    rssi: best.rssi,
    snr: best.snr,
    gateways: gateways.length,
    seenBy: seenBy.slice(0, MAX_GATEWAYS),
    ...rateOf(dataRate),
  };
}

function rateOf({ spreadingFactor, bandwidth }: DataRate): Pick<UplinkRadio, 'spreadingFactor' | 'bandwidthHz'> {
  const bandwidthHz = typeof bandwidth === 'number' && bandwidth < KHZ_BELOW ? bandwidth * 1_000 : bandwidth;
  return {
    ...(isWithin(spreadingFactor, 5, 12) && { spreadingFactor }),
    ...(isWithin(bandwidthHz, 1, 10_000_000) && { bandwidthHz }),
  };
}

function isWithin(value: number | null | undefined, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}

/** Reads a data rate written as "SF9 BW125 4/5" (LORIOT) or "SF9BW125" (Helium). */
export function dataRateOf(text: string | undefined | null): DataRate {
  const part = /^SF(\d{1,2}) ?BW(\d{1,4})/i.exec(text ?? '');
  return part ? { spreadingFactor: Number(part[1]), bandwidth: Number(part[2]) } : {};
}

/** Gives a gateway's id in lower-case hexadecimal where ChirpStack v3 writes its 8 bytes in base64; others as they are. */
export function gatewayId(text: string | undefined | null): string | null {
  if (!text) return null;
  const bytes = text.length === 12 ? fromBase64(text) : undefined;
  if (bytes?.length === 8) return Buffer.from(bytes).toString('hex');
  return /^[0-9A-Fa-f]{16}$/.test(text) ? text.toLowerCase() : text.slice(0, 200);
}
