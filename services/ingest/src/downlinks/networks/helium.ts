import { base64Of, lacks, type HandOut } from './network.ts';
import { trimmed } from '../../outside/opened-api.ts';

/**
 * Queues at a legacy Helium console: `POST {url}/{key}/{device id}`, the url and key of an HTTP integration's
 * `downlink_url` (`…/api/v1/down/{integration id}/{key}/{device id}`).
 */
export const handToHelium: HandOut = async ({ downlink, device, bytes, api }, http) => {
  if (!api?.key) return lacks('api.url and api.key');
  const name = device.externalIds?.networkId ?? device.id;
  const answer = await http.call({
    method: 'POST',
    url: `${trimmed(api.url)}/${encodeURIComponent(api.key)}/${encodeURIComponent(name)}`,
    body: { payload_raw: base64Of(bytes), port: downlink.fPort, confirmed: downlink.confirmed },
  });
  return answer.ok ? { ok: true, status: 'queued' } : answer;
};
