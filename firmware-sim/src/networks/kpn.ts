import { uuidOf } from './format.ts';
import type { Network } from './model.ts';
import { senmlRecords } from './senml-records.ts';

/** KPN Things: a SenML pack of values that KPN has decoded; the battery comes as text in percent. */
export const kpn: Network = {
  id: 'kpn',
  source: 'kpn',
  transport: 'http',
  carries: 'values',
  counterBits: 32,
  maxBytes: Infinity,
  lossy: true,
  joins: false,
  namesOf: (index) => ({ networkId: uuidOf(`kpn/${index}`) }),
  up({ ids, values, atMs }) {
    const base = { bn: `urn:dev:DVNUUID:${ids.networkId}:`, bt: Number((atMs / 1000).toFixed(3)) };
    const records: object[] = senmlRecords(values.filter(([quantity]) => quantity !== 'battery'));
    const battery = values.find(([quantity]) => quantity === 'battery')?.[1];
    if (typeof battery === 'number') records.push({ n: 'battery', u: '%', vs: (100 * battery).toFixed(1) });
    return [
      { to: '', body: JSON.stringify(records.map((record, index) => (index === 0 ? { ...base, ...record } : record))) },
    ];
  },
};
