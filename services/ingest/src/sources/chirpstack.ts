import { z } from 'zod';
import { SOURCE_TOPICS, type Uplink } from '@ronde/contracts';
import { Base64Bytes, Counter, Eui, Port, bestRadio, firstTime } from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, type Family, type SourceParser } from './parsed.ts';

const REMEDY = 'compare the message with the "up" event of ChirpStack\'s integrations, JSON marshaler (json=true)';
const time = z.string().nullish();
const Message = z.looseObject({
  // v4
  deviceInfo: z.looseObject({ devEui: Eui.optional() }).optional(),
  time,
  devAddr: z.string().nullish(),
  // v3 and gateways that imitate it: the EUI stands at the top, in hexadecimal or base64
  devEUI: Eui.optional(),
  fPort: Port,
  fCnt: Counter,
  data: Base64Bytes,
  rxInfo: z
    .array(
      z.looseObject({
        time,
        gwTime: time,
        nsTime: time,
        rssi: z.number().nullish(),
        snr: z.number().nullish(),
        loRaSNR: z.number().nullish(),
      }),
    )
    .nullish(),
});

// [event, a field that only this event has]; checked in order
const MARKS: [string, string][] = [
  ['ack', 'acknowledged'],
  ['status', 'margin'],
  ['txack', 'downlinkId'],
  ['txack', 'gatewayId'],
  ['ack', 'queueItemId'],
  ['location', 'location'],
  ['integration', 'integrationName'],
  ['log', 'level'],
  ['error', 'error'],
];
const UP_FIELDS = ['rxInfo', 'data', 'fPort', 'fCnt', 'dr', 'txInfo'];

/** Names the event of a message that comes without topic. */
function eventOf(message: Record<string, unknown>): string {
  if ('rxInfo' in message) return 'up';
  const mark = MARKS.find(([, field]) => field in message);
  if (mark) return mark[0];
  return 'devAddr' in message && !UP_FIELDS.some((field) => field in message) ? 'join' : 'up';
}

function familyOf(message: unknown): Family | undefined {
  if (!isRecord(message)) return undefined;
  if (isRecord(message['deviceInfo'])) return 'chirpstack';
  if (!('devEUI' in message) || !('applicationID' in message || 'data' in message)) return undefined;
  const [first] = Array.isArray(message['rxInfo']) ? (message['rxInfo'] as unknown[]) : [];
  // Milesight gateways post this form themselves: their gateways are told apart by "mac" in place of "gatewayID"
  return isRecord(first) && 'mac' in first ? 'http' : 'chirpstack';
}

/** Reads ChirpStack v4 JSON events and the older v3 form (also posted by gateways without a network server). */
export const chirpstack: SourceParser = {
  source: 'chirpstack',
  matches: (topic) => SOURCE_TOPICS['chirpstack']!.test(topic),
  recognise: familyOf,
  parse(message, { topic }) {
    // a message of another network server is a fault, not an event to pass over
    if (isRecord(message) && familyOf(message)) {
      const event = /\/event\/([a-z]+)$/.exec(topic ?? '')?.[1] ?? eventOf(message);
      if (event !== 'up') return { kind: 'ignored', event };
    }
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const devEui = read.data.deviceInfo?.devEui ?? read.data.devEUI;
    if (!devEui) return malformed([fault('deviceInfo.devEui', 'is missing', REMEDY)]);
    return accepted([toUplink(read.data, devEui)]);
  },
};

function toUplink(message: z.infer<typeof Message>, devEui: string): Uplink {
  const gateways = message.rxInfo ?? [];
  const [first] = gateways;
  return {
    source: 'chirpstack',
    device: { devEui },
    session: message.devAddr ?? '',
    fCnt: message.fCnt,
    fPort: message.fPort,
    bytes: message.data,
    values: [],
    atMs: firstTime(message.time, first?.nsTime, first?.time, first?.gwTime),
    radio: bestRadio(gateways.map(({ rssi, snr, loRaSNR }) => ({ rssi, snr: snr ?? loRaSNR }))),
  };
}
