import { readGrpcWeb } from '../../outside/grpc-web.ts';
import { trimmed } from '../../outside/opened-api.ts';
import { readMessage, type MessageSpec } from '../../sources/protobuf.ts';
import { lacks, type NetworkHistory } from './port.ts';

/** api/proto/api/internal.proto at chirpstack/chirpstack@d77207c: LogItem. */
const LOG_ITEM: MessageSpec = { 2: ['time', 'timestamp'], 3: ['description', 'string'], 4: ['body', 'string'] };
const DEV_EUI_FIELD = 0x0a;
/** get_event_logs reads so many a turn, and waits a second between two turns. */
const PER_TURN = 10;
const TURN_MS = 2_500;
const REST_MS = 250;

/**
 * ChirpStack v4's event log: no storage, but of each device at least the last events, ten by default
 * (`per_device_event_log_max_history`), in Redis for 31 days. An outage of a few uplinks a device is within it; raise the
 * number for more. It is the stream behind the "Events" tab (InternalService.StreamDeviceEvents), which takes an API token
 * and gRPC-Web, so a plain HTTP call; the server itself is asked (`api.historyUrl`), not chirpstack-rest-api. Being internal
 * it may change with a version of ChirpStack: what cannot be read is then a fault, told at the gap.
 * @see chirpstack/src/stream/event.rs and src/api/internal.rs at chirpstack/chirpstack@d77207c
 */
export const chirpstackHistory: NetworkHistory = {
  hasApplication: () => false,
  lanes: 8,
  pauseMs: 0,
  async *ask({ api, device, fromMs, toMs }, { timeoutMs }) {
    if (!api.key) return lacks('api.key');
    const devEui = device?.externalIds?.devEui;
    if (devEui === undefined) return { retriable: false, detail: 'the device has no devEUI; add externalIds.devEui' };
    const { messages, fault } = await readGrpcWeb({
      url: `${trimmed(api.historyUrl ?? api.url)}/api.InternalService/StreamDeviceEvents`,
      headers: { authorization: `Bearer ${api.key}` },
      message: Buffer.concat([Buffer.from([DEV_EUI_FIELD, devEui.length]), Buffer.from(devEui)]),
      // a turn that is not full was the last one
      quietMs: (count) => (count % PER_TURN === 0 ? TURN_MS : REST_MS),
      timeoutMs,
    });
    const items = messages.map((message) => readMessage(message, LOG_ITEM));
    const uplinks = items.flatMap((item) => {
      const atMs = typeof item?.['time'] === 'string' ? Date.parse(item['time']) : fromMs;
      if (item?.['description'] !== 'up' || atMs < fromMs || atMs > toMs) return [];
      return bodyOf(item['body']);
    });
    yield uplinks;
    if (items.includes(undefined)) return { retriable: false, detail: 'the event log is of another form than known' };
    return fault;
  },
};

/** The body is the event as the MQTT integration writes it in JSON. */
function bodyOf(body: unknown): unknown[] {
  try {
    return [JSON.parse(String(body)) as unknown];
  } catch {
    return [];
  }
}
