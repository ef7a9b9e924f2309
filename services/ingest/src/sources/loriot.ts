import { z } from 'zod';
import { SOURCE_TOPICS, type NetworkEvent, type Uplink } from '@ronde/contracts';
import { Counter, Eui, HexBytes, Port, RadioNumber, SomeText, fromEpoch, lenientList } from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, told, type Parsed, type SourceParser } from './parsed.ts';
import { dataRateOf, radioOf } from './radio.ts';
import { levelOf } from './status.ts';

const REMEDY = 'compare the message with LORIOT\'s application output, "rx" or "gw"';
const Flag = z.boolean().nullish().catch(undefined);
const Gateway = z.looseObject({ gweui: SomeText, rssi: RadioNumber, snr: RadioNumber });
const Message = z.looseObject({
  EUI: Eui,
  ts: RadioNumber,
  fcnt: Counter,
  port: Port,
  data: HexBytes,
  encdata: SomeText,
  rssi: RadioNumber,
  snr: RadioNumber,
  dr: SomeText,
  gws: lenientList(Gateway),
  bat: RadioNumber,
  ack: Flag,
  offline: Flag,
});
type Message = z.infer<typeof Message>;
const Sent = z.looseObject({ EUI: Eui, ts: RadioNumber, seqdn: RadioNumber, error: SomeText });

/**
 * Reads LORIOT's application output. "rx" and "gw" may both come for one uplink, in either order, and the counter makes
 * the second a duplicate; "txd" tells that a downlink was sent.
 */
export const loriot: SourceParser = {
  source: 'loriot',
  matches: (topic) => SOURCE_TOPICS['loriot']!.test(topic),
  recognise: (message) =>
    isRecord(message) &&
    'EUI' in message &&
    (typeof message['cmd'] === 'string' || 'fcnt' in message || 'port' in message)
      ? 'loriot'
      : undefined,
  parse(message) {
    const cmd = isRecord(message) && typeof message['cmd'] === 'string' ? message['cmd'] : 'rx';
    if (cmd === 'txd' || cmd === 'tx') return readSent(message, cmd);
    if (cmd !== 'rx' && cmd !== 'gw') return { kind: 'ignored', event: cmd.slice(0, 100) };
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    if (typeof read.data.encdata === 'string' && read.data.data.length === 0 && read.data.encdata !== '') {
      return malformed([fault('data', 'is missing: LORIOT sends encdata', 'give LORIOT the AppSKey of the device')]);
    }
    return accepted([toUplink(read.data)], [], eventsOf(read.data));
  },
};

function toUplink(message: Message): Uplink {
  const { battery } = levelOf(message.bat ?? 255);
  return {
    source: 'loriot',
    device: { devEui: message.EUI },
    // "gw" carries no devaddr: without a session both forms of one uplink get the same key
    session: '',
    fCnt: message.fcnt,
    fPort: message.port,
    bytes: message.data,
    values: battery === null ? [] : [{ quantity: 'battery', value: battery }],
    atMs: fromEpoch(message.ts),
    radio: radioOf(
      message.gws.length > 0
        ? message.gws.map(({ gweui, rssi, snr }) => ({ id: gweui?.toLowerCase(), rssi, snr }))
        : [{ rssi: message.rssi, snr: message.snr }],
      dataRateOf(message.dr),
    ),
    // kept back while our side was not reachable
    ...(message.offline === true && { late: true }),
  };
}

/** The device acknowledges the last confirmed downlink with a flag of its next uplink; LORIOT does not say which. */
function eventsOf({ EUI, ts, ack }: Message): NetworkEvent[] {
  if (ack !== true) return [];
  const about = { source: 'loriot', device: { devEui: EUI }, atMs: fromEpoch(ts) } as const;
  return [{ ...about, kind: 'downlink', status: 'acknowledged', correlationId: null, fCntDown: null, detail: null }];
}

/** "txd": a gateway has sent it; "tx": LORIOT's answer to our request, with `error` when it was refused. */
function readSent(message: unknown, cmd: 'tx' | 'txd'): Parsed {
  const read = Sent.safeParse(message);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const { EUI, ts, seqdn, error } = read.data;
  const status = error ? 'failed' : cmd === 'txd' ? 'sent' : 'queued';
  return told({
    source: 'loriot',
    device: { devEui: EUI },
    atMs: fromEpoch(ts),
    kind: 'downlink',
    status,
    correlationId: null,
    fCntDown: seqdn ?? null,
    detail: error ?? null,
  });
}
