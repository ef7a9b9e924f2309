import { euiOf, hex, secondsOf, uuidOf } from './format.ts';
import type { Network } from './model.ts';
import { senmlRecords } from './senml-records.ts';

const shared = {
  source: 'kpn',
  transport: 'http',
  counterBits: 32,
  lossy: true,
} as const;

/** KPN Things: a SenML pack of values that KPN has decoded; the battery comes as text in percent. */
export const kpn: Network = {
  ...shared,
  id: 'kpn',
  carries: 'values',
  maxBytes: Infinity,
  joins: false,
  namesOf: (index) => ({ networkId: uuidOf(`kpn/${index}`) }),
  up({ ids, values, atMs }) {
    const base = { bn: `urn:dev:DVNUUID:${ids.networkId}:`, bt: secondsOf(atMs) };
    const records: object[] = senmlRecords(values.filter(([quantity]) => quantity !== 'battery'));
    const battery = values.find(([quantity]) => quantity === 'battery')?.[1];
    if (typeof battery === 'number') records.push({ n: 'battery', u: '%', vs: (100 * battery).toFixed(1) });
    return records.length === 0
      ? []
      : [{ to: '', body: JSON.stringify([{ ...base, ...records[0] }, ...records.slice(1)]) }];
  },
};

/** KPN Things without a decoder: the payload in hexadecimal, with what the network knows of the uplink. */
export const kpnRaw: Network = {
  ...shared,
  id: 'kpn-raw',
  carries: 'bytes',
  maxBytes: 222,
  joins: true,
  namesOf: (index) => ({ devEui: euiOf(index) }),
  up({ ids, uplink, air, fCnt, atMs }) {
    const best = air.receptions[0]!;
    const pack = [
      { bn: `urn:dev:DEVEUI:${ids.devEui.toUpperCase()}:`, bt: secondsOf(atMs), n: 'payload', vs: hex(uplink.bytes) },
      { n: 'port', v: uplink.fPort },
      { n: 'FCntUp', v: fCnt },
      { n: 'LrrRSSI', v: best.rssi },
      { n: 'LrrSNR', v: best.snr },
      { n: 'SpFact', v: air.spreadingFactor },
      { n: 'DevLrrCnt', v: air.receptions.length },
    ];
    return [{ to: '', body: JSON.stringify(pack) }];
  },
};
