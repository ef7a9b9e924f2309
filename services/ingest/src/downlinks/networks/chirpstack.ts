import { NO_DEV_EUI, base64Of, devEuiOf, lacks, type HandOut } from './network.ts';
import { trimmed } from '../../outside/opened-api.ts';

/**
 * Queues at ChirpStack v4 through chirpstack-rest-api: DeviceService.Enqueue, API token as bearer in gRPC metadata. The
 * id of the queue item comes back in its ack and txack events.
 */
export const handToChirpstack: HandOut = async (outgoing, http) => {
  const { downlink, bytes, api, replaces } = outgoing;
  const devEui = devEuiOf(outgoing);
  if (devEui === undefined) return NO_DEV_EUI;
  if (!api?.key) return lacks('api.url and api.key');
  const url = `${trimmed(api.url)}/api/devices/${devEui}/queue`;
  const headers = { 'grpc-metadata-authorization': `Bearer ${api.key}` };
  if (replaces) {
    const flushed = await http.call({ method: 'DELETE', url, headers });
    if (!flushed.ok) return flushed;
  }
  const queueItem = { confirmed: downlink.confirmed, f_port: downlink.fPort, data: base64Of(bytes) };
  const answer = await http.call({ method: 'POST', url, headers, body: { queueItem } });
  if (!answer.ok) return answer;
  const { id } = (answer.body ?? {}) as { id?: unknown };
  return { ok: true, status: 'queued', ...(typeof id === 'string' && { ref: id }) };
};
