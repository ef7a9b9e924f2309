import { euiOf } from './format.ts';
import type { Network } from './model.ts';
import { senmlRecords } from './senml-records.ts';

/** SenML (RFC 8428) over MQTT from a gateway that speaks for many devices. */
export const senml: Network = {
  id: 'senml',
  source: 'senml',
  transport: 'mqtt',
  carries: 'values',
  counterBits: 32,
  maxBytes: Infinity,
  lossy: true,
  joins: false,
  namesOf: (index) => ({ devEui: euiOf(index) }),
  up({ ids, values, deviceMs }) {
    const base = {
      bn: `urn:dev:mac:${ids.devEui}:`,
      ...(deviceMs !== null && { bt: Number((deviceMs / 1000).toFixed(3)) }),
    };
    const records = senmlRecords(values).map((record, index) => (index === 0 ? { ...base, ...record } : record));
    return [{ to: `senml/${ids.deviceId}/up`, body: JSON.stringify(records) }];
  },
};
