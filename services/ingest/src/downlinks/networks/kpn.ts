import { NO_DEV_EUI, devEuiOf, hexOf, lacks, type HandOut } from './network.ts';
import { trimmed } from '../../outside/opened-api.ts';

/**
 * Queues at KPN Things: `POST /api/actuator/downlinks` with a SenML record of the payload, an access token of GRIP as bearer
 * (`api.tokenUrl`, its client in `api.user` and `api.key`). KPN calls this form its beta API and means to replace it by
 * `/lora/downlinks`, which knows devices by ids of its own. It cannot ask for a confirmation.
 * @see docs.kpnthings.com, "APIs", "Beta API": Send downlink to device
 */
export const handToKpn: HandOut = async (outgoing, http) => {
  const { downlink, bytes, api } = outgoing;
  const devEui = devEuiOf(outgoing);
  if (devEui === undefined) return NO_DEV_EUI;
  if (!api?.key) return lacks('api.url, api.tokenUrl, api.user and api.key');
  const url = new URL(`${trimmed(api.url)}/api/actuator/downlinks`);
  url.searchParams.set('port', String(downlink.fPort));
  url.searchParams.set('externalReference', downlink.id);
  const answer = await http.call({
    method: 'POST',
    url: url.href,
    headers: { authorization: `Bearer ${api.key}`, accept: 'application/vnd.kpnthings.actuator.v1.response+json' },
    body: [{ bn: `urn:dev:DEVEUI:${devEui.toUpperCase()}:`, n: 'payloadHex', vs: hexOf(bytes) }],
  });
  return answer.ok ? { ok: true, status: 'queued', ref: downlink.id } : answer;
};
