import { NO_DEV_EUI, devEuiOf, hexOf, lacks, type HandOut } from './network.ts';
import { trimmed } from '../../outside/opened-api.ts';

/** Queues at LORIOT: `cmd: tx` on its REST face, the application's access token as bearer. */
export const handToLoriot: HandOut = async (outgoing, http) => {
  const { downlink, bytes, api } = outgoing;
  const devEui = devEuiOf(outgoing);
  if (devEui === undefined) return NO_DEV_EUI;
  if (!api?.key || !api.applicationId) return lacks('api.url, api.applicationId and api.key');
  const answer = await http.call({
    method: 'POST',
    url: `${trimmed(api.url)}/1/rest`,
    headers: { authorization: `Bearer ${api.key}` },
    body: {
      cmd: 'tx',
      EUI: devEui.toUpperCase(),
      port: downlink.fPort,
      confirmed: downlink.confirmed,
      data: hexOf(bytes),
      appid: api.applicationId,
    },
  });
  if (!answer.ok) return answer;
  const { error, seqdn } = (answer.body ?? {}) as { error?: unknown; seqdn?: unknown };
  if (typeof error === 'string' && error !== '') return { ok: false, retriable: false, detail: `LORIOT: ${error}` };
  return { ok: true, status: 'queued', ...(typeof seqdn === 'number' && { ref: String(seqdn) }) };
};
