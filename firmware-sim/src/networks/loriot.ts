import { airtimeS } from '../devices/radio.ts';
import { euiOf, hex } from './format.ts';
import type { Network } from './model.ts';

/** LORIOT's application output: "rx" at once, then "gw" with every gateway, for the same uplink. */
export const loriot: Network = {
  id: 'loriot',
  source: 'loriot',
  transport: 'http',
  carries: 'bytes',
  counterBits: 32,
  maxBytes: 222,
  lossy: true,
  joins: true,
  namesOf: (index) => ({ devEui: euiOf(index) }),
  up({ ids, uplink, air, fCnt, atMs, battery }) {
    const best = air.receptions[0]!;
    const common = {
      seqno: fCnt + 1,
      EUI: ids.devEui.toUpperCase(),
      ts: atMs,
      fcnt: fCnt,
      port: uplink.fPort,
      freq: air.frequencyHz,
      toa: Math.round(1000 * airtimeS(air.spreadingFactor, uplink.bytes.length)),
      dr: `SF${air.spreadingFactor} BW125 4/5`,
      ack: false,
      // 0 external, 1 … 254 charge, 255 unknown, as the device's status answer gives it
      bat: Math.max(1, Math.round(254 * battery)),
      data: hex(uplink.bytes),
    };
    const gws = air.receptions.map(({ gateway, rssi, snr, gatewayMs }) => ({
      rssi,
      snr,
      ts: atMs,
      ...(gatewayMs !== undefined && { time: new Date(gatewayMs).toISOString() }),
      gweui: gateway.eui.toUpperCase(),
      ant: 0,
    }));
    return [
      { to: '', body: JSON.stringify({ cmd: 'rx', ...common, rssi: best.rssi, snr: best.snr, offline: false }) },
      { to: '', body: JSON.stringify({ cmd: 'gw', ...common, gws }) },
    ];
  },
};
