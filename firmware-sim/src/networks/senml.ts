import { euiOf, secondsOf } from './format.ts';
import type { Delivery, Message, Network } from './model.ts';
import { senmlRecords } from './senml-records.ts';

/**
 * SenML (RFC 8428) over MQTT from devices with a mobile connection. What waited for it comes in one pack, with times that
 * count from the newest report.
 */
export const senml: Network = {
  id: 'senml',
  source: 'senml',
  transport: 'mqtt',
  carries: 'values',
  counterBits: 32,
  maxBytes: Infinity,
  lossy: false,
  joins: false,
  namesOf: (index) => ({ devEui: euiOf(index) }),
  up: (delivery) => packOf([delivery]),
  batch: packOf,
};

function packOf(deliveries: readonly Delivery[]): Message[] {
  const { ids, deviceMs: baseMs } = deliveries.at(-1)!;
  const base = { bn: `urn:dev:mac:${ids.devEui}:`, ...(baseMs !== null && { bt: secondsOf(baseMs) }) };
  // without a clock nobody knows when the older ones were measured: only the newest is told
  const told = baseMs === null ? deliveries.slice(-1) : deliveries;
  const records = told.flatMap(({ values, deviceMs }) => {
    const t = secondsOf((deviceMs ?? baseMs ?? 0) - (baseMs ?? 0));
    return senmlRecords(values).map((record) => ({ ...record, ...(t !== 0 && { t }) }));
  });
  if (records.length === 0) return [];
  return [{ to: `senml/${ids.deviceId}/up`, body: JSON.stringify([{ ...base, ...records[0] }, ...records.slice(1)]) }];
}
