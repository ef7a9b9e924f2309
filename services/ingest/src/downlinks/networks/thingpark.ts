import { NO_DEV_EUI, devEuiOf, hexOf, lacks, type HandOut } from './network.ts';
import { trimmed } from '../../outside/opened-api.ts';

/**
 * Queues at Actility ThingPark through its DX Core API (`…/thingpark/dx/core/latest/api`), an access token as bearer, which
 * DX Admin gives for a client and its secret (`api.tokenUrl` …/dx/admin/latest/api/oauth/token). The correlation id comes back
 * in DevEUI_downlink_Sent.
 * @see DX Core API, POST /devices/{device}/downlinkMessages: confirmDownlink and flushDownlinkQueue are query parameters
 */
export const handToThingpark: HandOut = async (outgoing, http) => {
  const { downlink, bytes, api, replaces } = outgoing;
  const devEui = devEuiOf(outgoing);
  if (devEui === undefined) return NO_DEV_EUI;
  if (!api?.key) return lacks('api.url and api.key');
  const url = new URL(`${trimmed(api.url)}/devices/${devEui.toUpperCase()}/downlinkMessages`);
  url.searchParams.set('confirmDownlink', String(downlink.confirmed));
  url.searchParams.set('flushDownlinkQueue', String(replaces));
  const answer = await http.call({
    method: 'POST',
    url: url.href,
    headers: { authorization: `Bearer ${api.key}` },
    body: {
      payloadHex: hexOf(bytes),
      targetPorts: String(downlink.fPort),
      correlationId: correlationOf(downlink.id),
    },
  });
  return answer.ok ? { ok: true, status: 'queued', ref: correlationOf(downlink.id) } : answer;
};

/** ThingPark carries 64 bits as hexadecimal digits: FNV-1a of our id. */
function correlationOf(id: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(id)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}
