import { maxPayloadBytes, marginDb, SLOWEST_SF } from './airtime.ts';
import { median } from './calibration.ts';

/** One uplink that came while the lid was shut. */
export interface TestUplink {
  atMs: number;
  rssi: number | null;
  snr: number | null;
  spreadingFactor: number | null;
  gateways: number;
  distanceM: number | null;
  payloadBytes: number | null;
}
export interface TestPlace {
  wanted: number;
  /** The mounting's empty distance, metres, where it is known. */
  emptyDistanceM?: number | undefined;
}
export interface TestCheck {
  name: 'uplinks' | 'signal' | 'gateways' | 'payload' | 'distance';
  ok: boolean;
  text: string;
}

/** Reserve that weather, a parked van and a closing lid may eat up, dB. */
const LEAST_MARGIN_DB = 6;
/** Below this a gateway hears nothing reliably, whatever the SNR, dBm at spreading factor 12. */
const SENSITIVITY_DBM = -137;

/**
 * Judges an installation by the uplinks that came with the lid shut: would the device still be heard at its slowest data
 * rate, with a reserve, and does its distance fit the place?
 */
export function judgeInstallation(
  uplinks: readonly TestUplink[],
  place: TestPlace,
): { checks: TestCheck[]; worstRateMarginDb: number | null } {
  const margins = uplinks.flatMap((uplink) => marginOf(uplink) ?? []);
  const worstRateMarginDb = margins.length === 0 ? null : Math.round(median(margins) * 10) / 10;
  const checks = [
    check('uplinks', uplinks.length >= place.wanted, `${uplinks.length} of ${place.wanted} uplinks arrived`),
    ...signalCheck(worstRateMarginDb),
    ...gatewayCheck(uplinks),
    ...payloadCheck(uplinks),
    ...distanceCheck(uplinks, place),
  ];
  return { checks, worstRateMarginDb };
}

function marginOf({ snr, rssi }: TestUplink): number | undefined {
  const bySnr = snr === null ? undefined : marginDb(snr, SLOWEST_SF);
  const byRssi = rssi === null ? undefined : rssi - SENSITIVITY_DBM;
  if (bySnr === undefined) return byRssi;
  return byRssi === undefined ? bySnr : Math.min(bySnr, byRssi);
}

function signalCheck(margin: number | null): TestCheck[] {
  if (margin === null) return [];
  const text = `${margin} dB reserve at the slowest data rate (SF${SLOWEST_SF}); at least ${LEAST_MARGIN_DB} dB is needed`;
  return [check('signal', margin >= LEAST_MARGIN_DB, text)];
}

function gatewayCheck(uplinks: readonly TestUplink[]): TestCheck[] {
  const counts = uplinks.map(({ gateways }) => gateways).filter((count) => count > 0);
  if (counts.length === 0) return [];
  const usual = median(counts);
  // one gateway is enough to work, so this never fails the test; it warns that nothing stands in for it
  return [
    check(
      'gateways',
      true,
      usual < 2 ? 'heard by a single gateway: nothing stands in for it' : `heard by ${usual} gateways`,
    ),
  ];
}

function payloadCheck(uplinks: readonly TestUplink[]): TestCheck[] {
  const longest = Math.max(...uplinks.map(({ payloadBytes }) => payloadBytes ?? 0), 0);
  if (longest === 0) return [];
  const limit = maxPayloadBytes(SLOWEST_SF);
  return [check('payload', longest <= limit, `${longest} bytes a message; ${limit} fit at the slowest data rate`)];
}

function distanceCheck(uplinks: readonly TestUplink[], { emptyDistanceM }: TestPlace): TestCheck[] {
  const distances = uplinks.flatMap(({ distanceM }) => distanceM ?? []);
  if (distances.length === 0) return [];
  const seen = median(distances);
  if (emptyDistanceM === undefined) return [check('distance', seen > 0, `sees ${seen.toFixed(2)} m`)];
  const fits = seen <= emptyDistanceM * 1.1;
  return [check('distance', fits, `sees ${seen.toFixed(2)} m; the floor is at ${emptyDistanceM.toFixed(2)} m`)];
}

function check(name: TestCheck['name'], ok: boolean, text: string): TestCheck {
  return { name, ok, text };
}
