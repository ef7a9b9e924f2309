import { hex } from './format.ts';
import type { Network } from './model.ts';

/** A Sigfox callback with the usual template; a payload has at most twelve bytes, and there is no port. */
export const sigfox: Network = {
  id: 'sigfox',
  source: 'sigfox',
  transport: 'http',
  carries: 'bytes',
  counterBits: 12,
  maxBytes: 12,
  onlyPort: 'none',
  lossy: true,
  joins: false,
  namesOf: (index) => ({ networkId: (0x1a0000 + index).toString(16).toUpperCase() }),
  up({ ids, uplink, air, fCnt, atMs }) {
    const best = air.receptions[0]!;
    const body = {
      device: ids.networkId,
      time: Math.floor(atMs / 1000),
      data: hex(uplink.bytes),
      seqNumber: fCnt,
      duplicate: false,
      rssi: best.rssi,
      snr: best.snr,
      avgSnr: Number(((best.snr + 3) * 0.9).toFixed(2)),
      station: best.gateway.eui.slice(-4).toUpperCase(),
      ack: false,
    };
    return [{ to: '', body: JSON.stringify(body) }];
  },
};
