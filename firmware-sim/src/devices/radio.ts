import type { LatLon } from '@ronde/contracts';
import { distanceM, moved, CENTRE } from '../city/streets.ts';
import type { Rng } from '../rng.ts';

/** One gateway's part of an uplink. */
export interface Reception {
  gateway: Gateway;
  rssi: number;
  snr: number;
  channel: number;
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

/** Draws how an uplink travels: signal falls with distance (3.5 powers) and scatters by 6 dB. */
export function throughAir(position: LatLon, rng: Rng): Air {
  const channel = rng.int(CHANNELS_HZ.length);
  const heard = GATEWAYS.map((gateway): Reception => {
    const km = Math.max(0.05, distanceM(position, gateway.position) / 1000);
    const rssi = Math.round(-92 - 35 * Math.log10(km) + rng.normal(0, 6));
    return {
      gateway,
      rssi: Math.max(-130, Math.min(-35, rssi)),
      snr: Math.round(Math.max(-18, Math.min(12, (rssi + 118) / 3)) * 4) / 4,
      channel,
    };
  }).sort((a, b) => b.rssi - a.rssi);
  const receptions = heard.slice(0, 1 + rng.int(3)).filter(({ rssi }, index) => index === 0 || rssi > -122);
  const best = receptions[0]!.rssi;
  const spreadingFactor = best > -105 ? 7 : best > -112 ? 8 : best > -117 ? 9 : best > -122 ? 10 : 12;
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
