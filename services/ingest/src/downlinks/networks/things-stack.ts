import { trimmed } from '../../outside/opened-api.ts';
import { base64Of, lacks, type HandOut } from './network.ts';

/**
 * Queues at The Things Stack: AppAs.DownlinkQueuePush and …Replace by HTTP, API key as bearer token. It knows the device by
 * its own id there (`externalIds.networkId`, else `eui-{devEui}`, the console's own proposal).
 * @see The Things Stack, "Scheduling downlinks"; the correlation id comes back in every event of the downlink
 */
export const handToThingsStack: HandOut = async ({ downlink, device, bytes, api, replaces }, http) => {
  if (!api?.key || !api.applicationId) return lacks('api.url, api.applicationId and api.key');
  const devEui = device.externalIds?.devEui;
  const name = device.externalIds?.networkId ?? (devEui === undefined ? device.id : `eui-${devEui}`);
  const path = `/api/v3/as/applications/${encodeURIComponent(api.applicationId)}/devices/${encodeURIComponent(name)}`;
  const answer = await http.call({
    method: 'POST',
    url: `${trimmed(api.url)}${path}/down/${replaces ? 'replace' : 'push'}`,
    headers: { authorization: `Bearer ${api.key}` },
    body: {
      downlinks: [
        {
          f_port: downlink.fPort,
          frm_payload: base64Of(bytes),
          priority: 'NORMAL',
          confirmed: downlink.confirmed,
          correlation_ids: [`ronde:${downlink.id}`],
        },
      ],
    },
  });
  return answer.ok ? { ok: true, status: 'queued' } : answer;
};
