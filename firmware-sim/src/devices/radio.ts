import type { LatLon } from '@ronde/contracts';
import { distanceM, moved, CENTRE } from '../city/streets.ts';
import { gatewayMs } from '../faults/clocks.ts';
import type { Rng } from '../rng.ts';

/** One gateway's part of an uplink. */
export interface Reception {
  gateway: Gateway;
  rssi: number;
  snr: number;
  channel: number;
  /** The gateway's own time; undefined when it has no clock. */
  gatewayMs: number | undefined;
}
export interface Gateway {
  id: string;
  eui: string;
  position: LatLon;
}

const GATEWAYS: readonly Gateway[] = [
  ['domtoren-west', -400, 100],
  ['flat-noord', 300, 2_000],
  ['watertoren-oost', 2_000, 300],
  ['school-zuid', -300, -2_000],
  ['silo-west', -2_600, -200],
  ['verkeerstoren', 4_700, -3_100],
].map(([id, eastM, northM], index) => ({
  id: `gw-${id}`,
  eui: `72f0de00000000${(index + 1).toString(16).padStart(2, '0')}`,
  position: moved(CENTRE, eastM as number, northM as number),
}));

const CHANNELS_HZ = [
  868_100_000, 868_300_000, 868_500_000, 867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000,
];

/** One uplink on the air: its spreading factor, channel, and the one to three gateways that heard it, best first. */
export interface Air {
  spreadingFactor: number;
  frequencyHz: number;
  receptions: Reception[];
}

/** Beyond this a gateway hears nothing, dBm. */
const DEAF = -122;
const NOMINAL_DBM = -92;
/** Signal falls with distance (3.5 powers) and scatters by so much, dB. */
const PATH = 35;
const SCATTER = 6;

/**
 * Draws how an uplink travels.
 * @param given.clockFaults how often gateways have no clock or a wrong one (factor)
 */
export function throughAir(position: LatLon, given: { atMs: number; clockFaults: number }, rng: Rng): Air {
  const channel = rng.int(CHANNELS_HZ.length);
  const heard = GATEWAYS.map((gateway): Reception => {
    const km = Math.max(0.05, distanceM(position, gateway.position) / 1000);
    const rssi = Math.round(NOMINAL_DBM - PATH * Math.log10(km) + rng.normal(0, SCATTER));
    return {
      gateway,
      rssi: Math.max(-130, Math.min(-35, rssi)),
      snr: Math.round(Math.max(-18, Math.min(12, (rssi + 118) / 3)) * 4) / 4,
      channel,
      gatewayMs: undefined,
    };
  }).sort((a, b) => b.rssi - a.rssi);
  const receptions = heard.slice(0, 1 + rng.int(3)).filter(({ rssi }, index) => index === 0 || rssi > DEAF);
  for (const reception of receptions) reception.gatewayMs = gatewayMs(given.atMs, { factor: given.clockFaults, rng });
  const best = receptions[0]!.rssi;
  const spreadingFactor = best > -105 ? 7 : best > -112 ? 8 : best > -117 ? 9 : best > DEAF ? 10 : 12;
  return { spreadingFactor, frequencyHz: CHANNELS_HZ[channel]!, receptions };
}

/** Time on air, seconds (Semtech AN1200.13; 125 kHz, coding rate 4/5, 13 bytes of frame around the payload). */
export function airtimeS(spreadingFactor: number, payloadBytes: number): number {
  const symbolS = 2 ** spreadingFactor / 125_000;
  const low = spreadingFactor >= 11 ? 1 : 0;
  const bits = 8 * (payloadBytes + 13) - 4 * spreadingFactor + 28 + 16;
  const symbols = 8 + Math.max(0, Math.ceil(bits / (4 * (spreadingFactor - 2 * low))) * 5);
  return (12.25 + symbols) * symbolS;
}
