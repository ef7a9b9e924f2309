import { z } from 'zod';
import { SOURCE_TOPICS, type Uplink } from '@ronde/contracts';
import { Base64Bytes, Counter, Eui, Port, bestRadio, firstTime } from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, type SourceParser } from './parsed.ts';

const REMEDY =
  'compare the message with "Data formats" of The Things Stack; in a webhook, let the named field through the filter';
const Message = z.looseObject({
  end_device_ids: z
    .looseObject({
      dev_eui: Eui.optional(),
      device_id: z.string().optional(),
      dev_addr: z.string().optional(),
    })
    .optional(),
  received_at: z.string().optional(),
  uplink_message: z.looseObject({
    session_key_id: z.string().optional(),
    f_port: Port,
    f_cnt: Counter,
    frm_payload: Base64Bytes,
    received_at: z.string().optional(),
    rx_metadata: z
      .array(z.looseObject({ time: z.string().optional(), rssi: z.number().optional(), snr: z.number().optional() }))
      .default([]),
    settings: z.looseObject({ time: z.string().optional() }).optional(),
  }),
});
type Message = z.infer<typeof Message>;

// every message type of the application server besides uplinks
const EVENTS = [
  'join_accept',
  'downlink_ack',
  'downlink_nack',
  'downlink_sent',
  'downlink_failed',
  'downlink_queued',
  'downlink_queue_invalidated',
  'location_solved',
  'service_data',
  'uplink_normalized',
  'downlinks',
];

/** Reads The Things Stack v3 (Community, Cloud, Open Source), MQTT and webhooks, JSON. */
export const thingsStack: SourceParser = {
  source: 'things-stack',
  matches: (topic) => SOURCE_TOPICS['things-stack']!.test(topic),
  recognise: (message) =>
    isRecord(message) && (isRecord(message['uplink_message']) || EVENTS.some((event) => event in message))
      ? 'things-stack'
      : undefined,
  parse(message, { topic }) {
    if (isRecord(message) && !('uplink_message' in message)) {
      const event = EVENTS.find((name) => name in message);
      if (event) return { kind: 'ignored', event };
    }
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { uplink_message: uplink } = read.data;
    if (uplink.frm_payload.length === 0 && isRecord(uplink['decoded_payload'])) {
      const remedy = 'let uplink_message.frm_payload through the webhook filter: payloads are decoded here';
      return malformed([fault('uplink_message.frm_payload', 'is missing beside decoded_payload', remedy)]);
    }
    const device = deviceOf(read.data, topic);
    if (!device) return malformed([fault('end_device_ids.dev_eui', 'is missing, and so is device_id', REMEDY)]);
    return accepted([toUplink(read.data, device)]);
  },
};

function deviceOf(message: Message, topic: string | undefined): Uplink['device'] | undefined {
  const ids = message.end_device_ids;
  if (ids?.dev_eui) return { devEui: ids.dev_eui };
  const deviceId = ids?.device_id ?? /^v3\/[^/]+\/devices\/([^/]+)\//.exec(topic ?? '')?.[1];
  return deviceId ? { deviceId } : undefined;
}

function toUplink(message: Message, device: Uplink['device']): Uplink {
  const { uplink_message: uplink, end_device_ids: ids } = message;
  return {
    source: 'things-stack',
    device,
    session: uplink.session_key_id ?? ids?.dev_addr ?? '',
    fCnt: uplink.f_cnt,
    fPort: uplink.f_port,
    bytes: uplink.frm_payload,
    values: [],
    // the network server's own clock first: gateway clocks are often wrong or absent
    atMs: firstTime(uplink.received_at, message.received_at, uplink.settings?.time, uplink.rx_metadata[0]?.time),
    radio: bestRadio(uplink.rx_metadata),
  };
}
