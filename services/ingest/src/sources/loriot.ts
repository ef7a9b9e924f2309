import { z } from 'zod';
import { Counter, Eui, HexBytes, Port, bestRadio } from './fields.ts';
import { accepted, faultsOf, isRecord, malformed, type SourceParser } from './parsed.ts';

const REMEDY = 'compare the message with LORIOT\'s application output, "rx" or "gw"';
const Message = z.looseObject({
  EUI: Eui,
  devaddr: z.string().optional(),
  ts: z.number().optional(),
  fcnt: Counter,
  port: Port,
  data: HexBytes,
  rssi: z.number().nullish(),
  snr: z.number().nullish(),
  gws: z.array(z.looseObject({ rssi: z.number().nullish(), snr: z.number().nullish() })).optional(),
});

/** Reads LORIOT's "rx" and "gw" messages; both may come for one uplink, and the counter makes the second a duplicate. */
export const loriot: SourceParser = {
  source: 'loriot',
  matches: () => false,
  recognise: (message) =>
    isRecord(message) &&
    'EUI' in message &&
    (typeof message['cmd'] === 'string' || 'fcnt' in message || 'port' in message)
      ? 'loriot'
      : undefined,
  parse(message) {
    if (isRecord(message) && typeof message['cmd'] === 'string' && message['cmd'] !== 'rx' && message['cmd'] !== 'gw') {
      return { kind: 'ignored', event: message['cmd'] };
    }
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const uplink = read.data;
    return accepted([
      {
        source: 'loriot',
        device: { devEui: uplink.EUI },
        // "gw" carries no devaddr: without a session both forms of one uplink get the same key
        session: '',
        fCnt: uplink.fcnt,
        fPort: uplink.port,
        bytes: uplink.data,
        values: [],
        atMs: uplink.ts ?? null,
        radio: bestRadio(uplink.gws?.length ? uplink.gws : [{ rssi: uplink.rssi, snr: uplink.snr }]),
      },
    ]);
  },
};
