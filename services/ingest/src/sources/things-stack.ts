import { z } from 'zod';
import { SOURCE_TOPICS, type DeviceName, type NetworkEvent, type Uplink } from '@ronde/contracts';
import {
  Base64Bytes,
  Counter,
  Eui,
  Port,
  RadioNumber,
  SomeText,
  firstTime,
  lenient,
  lenientList,
  toMs,
} from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, told, type Parsed, type SourceParser } from './parsed.ts';
import { gatewayId, radioOf, zeroSnr } from './radio.ts';

const REMEDY =
  'compare the message with "Data formats" of The Things Stack; in a webhook, let the named field through the filter';
const Head = z.looseObject({
  end_device_ids: z
    .looseObject({ dev_eui: Eui.optional(), device_id: z.string().optional(), dev_addr: z.string().optional() })
    .optional(),
  received_at: SomeText,
});
const Gateway = z.looseObject({
  gateway_ids: lenient(z.looseObject({ gateway_id: SomeText, eui: SomeText })),
  packet_broker: lenient(z.looseObject({ forwarder_gateway_id: SomeText, forwarder_gateway_eui: SomeText })),
  time: SomeText,
  rssi: RadioNumber,
  snr: RadioNumber,
});
const LoRa = lenient(z.looseObject({ bandwidth: RadioNumber, spreading_factor: RadioNumber }));
const Message = Head.extend({
  uplink_message: z.looseObject({
    session_key_id: z.string().optional(),
    f_port: Port,
    f_cnt: Counter,
    frm_payload: Base64Bytes,
    received_at: SomeText,
    rx_metadata: lenientList(Gateway),
    settings: lenient(z.looseObject({ time: SomeText, data_rate: lenient(z.looseObject({ lora: LoRa })) })),
    // the answer to the network's DevStatusReq, repeated with every uplink
    last_battery_percentage: lenient(z.looseObject({ value: RadioNumber, received_at: SomeText })),
  }),
});
type Head = z.infer<typeof Head>;
type Message = z.infer<typeof Message>;

const Correlations = lenient(z.array(z.string()));
const Downlink = z.looseObject({ f_cnt: RadioNumber, correlation_ids: Correlations });
const DOWNLINKS: Record<string, { status: 'queued' | 'sent' | 'acknowledged' | 'failed'; detail: string | null }> = {
  downlink_queued: { status: 'queued', detail: null },
  downlink_sent: { status: 'sent', detail: null },
  downlink_ack: { status: 'acknowledged', detail: null },
  // the Application Server puts a confirmed downlink that was not acknowledged back into its queue by itself
  downlink_nack: { status: 'failed', detail: 'the device did not acknowledge it; The Things Stack tries again' },
};
/** Message types that carry nothing for us: the raw uplink comes too, queues are followed by their items. */
const IGNORED = ['downlink_queue_invalidated', 'service_data', 'uplink_normalized', 'downlinks'];
const EVENTS = ['join_accept', 'location_solved', 'downlink_failed', ...Object.keys(DOWNLINKS), ...IGNORED];

/** Reads The Things Stack v3 (Community, Cloud, Open Source), MQTT and webhooks, JSON. */
export const thingsStack: SourceParser = {
  source: 'things-stack',
  matches: (topic) => SOURCE_TOPICS['things-stack']!.test(topic),
  recognise: (message) =>
    isRecord(message) && (isRecord(message['uplink_message']) || EVENTS.some((event) => event in message))
      ? 'things-stack'
      : undefined,
  parse(message, { topic }) {
    const event =
      isRecord(message) && !('uplink_message' in message) ? EVENTS.find((name) => name in message) : undefined;
    if (event !== undefined) return readEvent(message as Record<string, unknown>, event, topic);
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { uplink_message: uplink } = read.data;
    if (uplink.frm_payload.length === 0 && isRecord(uplink['decoded_payload'])) {
      const remedy = 'let uplink_message.frm_payload through the webhook filter: payloads are decoded here';
      return malformed([fault('uplink_message.frm_payload', 'is missing beside decoded_payload', remedy)]);
    }
    const device = deviceOf(read.data, topic);
    return device ? accepted([toUplink(read.data, device)]) : malformed([nameless()]);
  },
};

function nameless() {
  return fault('end_device_ids.dev_eui', 'is missing, and so is device_id', REMEDY);
}

function deviceOf({ end_device_ids: ids }: Head, topic: string | undefined): DeviceName | undefined {
  if (ids?.dev_eui) return { devEui: ids.dev_eui };
  const deviceId = ids?.device_id ?? /^v3\/[^/]+\/devices\/([^/]+)\//.exec(topic ?? '')?.[1];
  return deviceId ? { networkId: deviceId, orDeviceId: deviceId } : undefined;
}

function toUplink(message: Message, device: DeviceName): Uplink {
  const { uplink_message: uplink, end_device_ids: ids } = message;
  const lora = uplink.settings?.data_rate?.lora;
  return {
    source: 'things-stack',
    device,
    session: uplink.session_key_id ?? ids?.dev_addr ?? '',
    fCnt: uplink.f_cnt,
    fPort: uplink.f_port,
    bytes: uplink.frm_payload,
    values: batteryOf(uplink.last_battery_percentage),
    // the network server's own clock first: gateway clocks are often wrong or absent
    atMs: firstTime(uplink.received_at, message.received_at, uplink.settings?.time, uplink.rx_metadata[0]?.time),
    radio: radioOf(
      uplink.rx_metadata.map(({ gateway_ids: gateway, packet_broker: via, rssi, snr }) => {
        const id = via?.forwarder_gateway_eui ?? via?.forwarder_gateway_id ?? gateway?.eui ?? gateway?.gateway_id;
        return zeroSnr({ id: gatewayId(id), rssi, snr });
      }),
      { spreadingFactor: lora?.spreading_factor, bandwidth: lora?.bandwidth },
    ),
  };
}

function batteryOf(last: Message['uplink_message']['last_battery_percentage']): Uplink['values'] {
  const atMs = toMs(last?.received_at);
  if (typeof last?.value !== 'number' || atMs === undefined) return [];
  return [{ quantity: 'battery', value: last.value / 100, atMs }];
}

function readEvent(message: Record<string, unknown>, event: string, topic: string | undefined): Parsed {
  if (IGNORED.includes(event)) return { kind: 'ignored', event };
  const head = Head.safeParse(message);
  if (!head.success) return malformed(faultsOf(head.error, REMEDY));
  const device = deviceOf(head.data, topic);
  if (!device) return malformed([nameless()]);
  const body = isRecord(message[event]) ? message[event] : {};
  const about = {
    source: 'things-stack',
    device,
    atMs: firstTime(textOf(body['received_at']), head.data.received_at),
  } as const;
  if (event === 'join_accept') {
    const session = textOf(body['session_key_id']) ?? head.data.end_device_ids?.dev_addr ?? '';
    return told({ ...about, kind: 'join', session });
  }
  if (event === 'location_solved') return readLocation(body, about);
  return told(toDownlink(event, body, { ...about, listed: message['correlation_ids'] }));
}

type About = Pick<NetworkEvent, 'source' | 'device' | 'atMs'>;

function toDownlink(event: string, body: Record<string, unknown>, about: About & { listed: unknown }): NetworkEvent {
  const failed = event === 'downlink_failed';
  const read = Downlink.safeParse(failed ? body['downlink'] : body);
  const downlink = read.success ? read.data : undefined;
  const error = failed && isRecord(body['error']) ? body['error'] : {};
  const { listed, ...rest } = about;
  const outer = Correlations.parse(listed) ?? [];
  return {
    ...rest,
    kind: 'downlink',
    status: 'failed',
    detail: failed ? (textOf(error['message_format']) ?? textOf(error['name']) ?? null) : null,
    ...DOWNLINKS[event],
    correlationId: ownCorrelation([...(downlink?.correlation_ids ?? []), ...outer]),
    fCntDown: downlink?.f_cnt ?? null,
  };
}

// The stack adds ids of its own components to the list: "as:downlink:01E19…", "rpc:/ttn.lorawan.v3…"
const COMPONENT = /^(as|gs|ns|js|is|rpc|host|events|gcs|dtc|dcs|pba|nc|ac):/;

/** The correlation id that came with the downlink when it was handed over. */
function ownCorrelation(ids: readonly string[]): string | null {
  return ids.find((id) => id.startsWith('ronde:')) ?? ids.find((id) => !COMPONENT.test(id)) ?? null;
}

function readLocation(body: Record<string, unknown>, about: About): Parsed {
  const read = z
    .looseObject({
      location: z.looseObject({
        latitude: z.number().min(-90).max(90).default(0),
        longitude: z.number().min(-180).max(180).default(0),
        accuracy: RadioNumber,
      }),
    })
    .safeParse(body);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const { latitude: lat, longitude: lon, accuracy } = read.data.location;
  return told({ ...about, kind: 'location', lat, lon, accuracyM: accuracy ?? null });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
