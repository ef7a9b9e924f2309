import type { DeviceRecord, Downlink } from '@ronde/contracts';
import type { Sealer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { messageFor } from './networks/by-mqtt.ts';
import { HAND_OUT } from './networks/index.ts';
import type { HandOver, Outgoing } from './networks/network.ts';
import type { AccessTokens } from '../outside/access-tokens.ts';
import type { NetworkHttp } from '../outside/http.ts';
import { openedApi } from '../outside/opened-api.ts';

/** The embedded broker's ways out. */
export interface MqttOutlet {
  publishDownlink(downlink: { tenant: string; deviceId: string; payload: Uint8Array }): boolean;
  publishToNetwork(message: { integrationId: string; topic: string; payload: Uint8Array }): boolean;
}

export interface OutletParts {
  registry: Pick<Registry, 'integrations'>;
  sealer: Sealer;
  /** Absent where an outside broker is followed. */
  mqtt?: MqttOutlet | undefined;
  http: NetworkHttp;
  tokens: AccessTokens;
}

/** Hands one downlink to whoever can carry it to its device. */
export async function handOut(
  parts: OutletParts,
  tenant: string,
  { downlink, device, replaces }: { downlink: Downlink; device: DeviceRecord; replaces: boolean },
): Promise<HandOver> {
  const bytes = Buffer.from(downlink.payloadHex, 'hex');
  if (device.integrationId === undefined) return toOwnDevice(parts, tenant, downlink, bytes);
  const integration = await parts.registry.integrations.get(tenant, device.integrationId);
  if (!integration) return refuse(`the integration "${device.integrationId}" is gone; give the device another one`);
  const outgoing: Outgoing = { downlink, device, bytes, api: openedApi(integration, parts.sealer), replaces };
  const message = messageFor(integration.source, outgoing);
  if (message && parts.mqtt?.publishToNetwork({ integrationId: integration.id, ...message }))
    return { ok: true, status: 'queued' };
  // Sigfox asks for its downlink itself, in the callback of an uplink that wants one
  if (integration.source === 'sigfox') return bytes.length === 8 ? wait() : refuse('a Sigfox downlink has 8 bytes');
  const hand = HAND_OUT[integration.source];
  if (!hand) return refuse(`${integration.source} takes no downlinks from here; use the network's own console`);
  if (!outgoing.api) return hand(outgoing, parts.http);
  const exchanged = await parts.tokens.exchange(outgoing.api);
  return exchanged.ok ? hand({ ...outgoing, api: exchanged.api }, parts.http) : exchanged;
}

/** Own devices take a downlink while they listen; until then it waits here. */
function toOwnDevice({ mqtt }: OutletParts, tenant: string, downlink: Downlink, bytes: Uint8Array): HandOver {
  const payload = Buffer.from(
    JSON.stringify({ id: downlink.id, fPort: downlink.fPort, data: Buffer.from(bytes).toString('base64') }),
  );
  if (mqtt?.publishDownlink({ tenant, deviceId: downlink.deviceId, payload })) return { ok: true, status: 'sent' };
  return { ok: false, retriable: true, detail: 'waits until the device subscribes to its downlinks' };
}

function wait(): HandOver {
  return { ok: false, retriable: true, detail: "waits for the device's next uplink that asks for one" };
}

function refuse(detail: string): HandOver {
  return { ok: false, retriable: false, detail };
}
