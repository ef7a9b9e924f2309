import { z } from 'zod';
import { SOURCE_TOPICS, type DeviceName, type Uplink } from '@ronde/contracts';
import { readChirpstackEvent } from './chirpstack-events.ts';
import { fromProtobuf } from './chirpstack-protobuf.ts';
import { Base64Bytes, Counter, Eui, Port, RadioNumber, SomeText, firstTime, lenient, lenientList } from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, type Family, type SourceParser } from './parsed.ts';
import { gatewayId, radioOf, zeroSnr } from './radio.ts';

const REMEDY = 'compare the message with the "up" event of ChirpStack\'s integrations';
const Gateway = z.looseObject({
  gatewayId: SomeText,
  gatewayID: SomeText,
  mac: SomeText,
  time: SomeText,
  gwTime: SomeText,
  nsTime: SomeText,
  rssi: RadioNumber,
  snr: RadioNumber,
  loRaSNR: RadioNumber,
});
const LoRa = lenient(
  z.looseObject({ bandwidth: RadioNumber, spreadingFactor: RadioNumber, spreadFactor: RadioNumber }),
);
const Message = z.looseObject({
  // v4
  deviceInfo: z.looseObject({ devEui: Eui.optional() }).optional(),
  time: SomeText,
  devAddr: SomeText,
  // v3 and gateways that imitate it: the EUI stands at the top, in hexadecimal or base64
  devEUI: Eui.optional(),
  fPort: Port,
  fCnt: Counter,
  data: Base64Bytes,
  rxInfo: lenientList(Gateway),
  // v4: modulation.lora; v3: loRaModulationInfo; gateways and the server before v3: dataRate
  txInfo: lenient(
    z.looseObject({
      modulation: lenient(z.looseObject({ lora: LoRa })),
      loRaModulationInfo: LoRa,
      dataRate: LoRa,
    }),
  ),
  joinServerContext: z.unknown().optional(),
});
type Message = z.infer<typeof Message>;

// [event, a field that only this event has]; checked in order
const MARKS: [string, string][] = [
  ['ack', 'acknowledged'],
  ['status', 'margin'],
  ['status', 'batteryLevel'],
  ['status', 'externalPowerSource'],
  ['status', 'batteryLevelUnavailable'],
  ['txack', 'downlinkId'],
  ['txack', 'gatewayId'],
  ['ack', 'queueItemId'],
  ['location', 'location'],
  ['integration', 'integrationName'],
  ['log', 'level'],
  ['error', 'error'],
];
const UP_FIELDS = ['data', 'fPort', 'fCnt', 'dr', 'txInfo', 'joinServerContext'];

/** Names the event of a message that comes without topic. */
function eventOf(message: Record<string, unknown>): string {
  // v3's join carries its gateways, as only uplinks do in v4
  const isOldJoin = 'devEUI' in message && 'devAddr' in message && !('data' in message || 'fCnt' in message);
  if ('rxInfo' in message) return isOldJoin ? 'join' : 'up';
  const mark = MARKS.find(([, field]) => field in message);
  if (mark) return mark[0];
  if (UP_FIELDS.some((field) => field in message)) return 'up';
  // proto3 leaves zeros out: a status of an empty battery without margin has nothing left but its device
  return 'devAddr' in message ? 'join' : 'status';
}

function familyOf(message: unknown): Family | undefined {
  if (!isRecord(message)) return undefined;
  if (isRecord(message['deviceInfo'])) return 'chirpstack';
  if (!('devEUI' in message) || !['applicationID', 'data', 'rxInfo'].some((field) => field in message))
    return undefined;
  const [first] = Array.isArray(message['rxInfo']) ? (message['rxInfo'] as unknown[]) : [];
  // Milesight gateways post this form themselves: their gateways are told apart by "mac" in place of "gatewayID"
  return isRecord(first) && 'mac' in first ? 'http' : 'chirpstack';
}

const EVENT_TOPIC = /\/event\/([a-z]+)$/;

/** Reads ChirpStack v4 events (JSON and protobuf) and the older v3 form, also posted by gateways without a network server. */
export const chirpstack: SourceParser = {
  source: 'chirpstack',
  matches: (topic) => SOURCE_TOPICS['chirpstack']!.test(topic),
  recognise: familyOf,
  fromBytes: (payload, { topic }) => fromProtobuf(payload, EVENT_TOPIC.exec(topic ?? '')?.[1]),
  parse(message, { topic }) {
    // a message of another network server is a fault, not an event to pass over
    if (isRecord(message) && familyOf(message)) {
      const event = EVENT_TOPIC.exec(topic ?? '')?.[1] ?? eventOf(message);
      if (event !== 'up') return readChirpstackEvent(event, message);
    }
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const devEui = read.data.deviceInfo?.devEui ?? read.data.devEUI;
    if (!devEui) return malformed([fault('deviceInfo.devEui', 'is missing', REMEDY)]);
    if (isRecord(read.data.joinServerContext)) {
      const remedy = 'let ChirpStack know the application key: an external join server keeps it';
      return malformed([fault('data', 'is encrypted (joinServerContext is set)', remedy)]);
    }
    return accepted([toUplink(read.data, { devEui })]);
  },
};

function toUplink(message: Message, device: DeviceName): Uplink {
  const [first] = message.rxInfo;
  const { modulation, loRaModulationInfo, dataRate } = message.txInfo ?? {};
  const lora = modulation?.lora ?? loRaModulationInfo ?? dataRate;
  return {
    source: 'chirpstack',
    device,
    session: message.devAddr ?? '',
    fCnt: message.fCnt,
    fPort: message.fPort,
    bytes: message.data,
    values: [],
    atMs: firstTime(message.time, first?.nsTime, first?.time, first?.gwTime),
    radio: radioOf(
      message.rxInfo.map(({ gatewayId: v4, gatewayID: v3, mac, rssi, snr, loRaSNR }) =>
        zeroSnr({ id: gatewayId(v4 ?? v3 ?? mac), rssi, snr: snr ?? loRaSNR }),
      ),
      { spreadingFactor: lora?.spreadingFactor ?? lora?.spreadFactor, bandwidth: lora?.bandwidth },
    ),
  };
}
