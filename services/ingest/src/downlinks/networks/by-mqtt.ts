import type { Source } from '@ronde/contracts';
import { base64Of, type Outgoing } from './network.ts';

/** A message for a network server that is connected to our own broker and waits on its downlink topic. */
export interface NetworkMessage {
  topic: string;
  payload: Uint8Array;
}

/** Writes the message that a network server takes over MQTT; undefined for networks without such a topic. */
export function messageFor(source: Source, outgoing: Outgoing): NetworkMessage | undefined {
  const { downlink, device, bytes, api, replaces } = outgoing;
  const devEui = device.externalIds?.devEui;
  if (source === 'chirpstack' && devEui !== undefined && api?.applicationId)
    return message(`application/${api.applicationId}/device/${devEui}/command/down`, {
      devEui,
      confirmed: downlink.confirmed,
      fPort: downlink.fPort,
      data: base64Of(bytes),
    });
  if (source === 'things-stack' && api?.applicationId) {
    const name = device.externalIds?.networkId ?? (devEui === undefined ? device.id : `eui-${devEui}`);
    const entry = {
      f_port: downlink.fPort,
      frm_payload: base64Of(bytes),
      priority: 'NORMAL',
      confirmed: downlink.confirmed,
      correlation_ids: [`ronde:${downlink.id}`],
    };
    return message(`v3/${api.applicationId}/devices/${name}/down/${replaces ? 'replace' : 'push'}`, {
      downlinks: [entry],
    });
  }
  return undefined;
}

function message(topic: string, body: unknown): NetworkMessage {
  return { topic, payload: Buffer.from(JSON.stringify(body)) };
}
