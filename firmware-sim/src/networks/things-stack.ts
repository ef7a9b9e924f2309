import { airtimeS } from '../devices/radio.ts';
import { base64, devAddrOf, digest, euiOf, isoNanos } from './format.ts';
import type { Delivery, Message, Network } from './model.ts';

const APPLICATION = 'rondestad-afval';
const TENANT = 'rondestad';
const FORWARDED_MS = 190;

const shared = {
  source: 'things-stack',
  carries: 'bytes',
  counterBits: 32,
  maxBytes: 222,
  lossy: true,
  joins: true,
  namesOf: (index: number) => ({ devEui: euiOf(index) }),
} as const;

/** The Things Stack v3 over MQTT. */
export const thingsStack: Network = {
  ...shared,
  id: 'things-stack',
  transport: 'mqtt',
  up: (delivery) => [{ to: topicOf(delivery, 'up'), body: JSON.stringify(bodyOf(delivery)) }],
  joined: (delivery) => ({ to: topicOf(delivery, 'join'), body: JSON.stringify(joinOf(delivery)) }),
};

/** The same messages by webhook. */
export const thingsStackWebhook: Network = {
  ...shared,
  id: 'things-stack-webhook',
  transport: 'http',
  up: (delivery) => [{ to: '', body: JSON.stringify(bodyOf(delivery)) }],
  joined: (delivery): Message => ({ to: '', body: JSON.stringify(joinOf(delivery)) }),
};

type Joined = Pick<Delivery, 'ids' | 'session' | 'atMs'>;

function topicOf({ ids }: Joined, event: 'up' | 'join'): string {
  return `v3/${APPLICATION}@${TENANT}/devices/${ids.deviceId}/${event}`;
}

function namesOf({ ids, session }: Joined): object {
  return {
    device_id: ids.deviceId,
    application_ids: { application_id: APPLICATION },
    dev_eui: ids.devEui.toUpperCase(),
    join_eui: '72F0DE0000000000',
    dev_addr: devAddrOf(ids.deviceId, session).toUpperCase(),
  };
}

function sessionKeyOf({ ids, session }: Joined): string {
  return Buffer.from(`${digest(ids.deviceId).slice(0, 12)}:${session}`)
    .toString('base64')
    .slice(0, 22);
}

function joinOf(joined: Joined): object {
  const received = isoNanos(joined.atMs, 0);
  return {
    end_device_ids: namesOf(joined),
    received_at: received,
    join_accept: { session_key_id: sessionKeyOf(joined), received_at: received },
  };
}

/** Proto3 JSON leaves zeros out. */
function bodyOf(delivery: Delivery): object {
  const { uplink, air, fCnt, session, atMs, ids } = delivery;
  const token = digest(`${ids.deviceId}/${session}/${fCnt}`).toUpperCase();
  const tick = ((atMs * 1000) >>> 0) % 0xffff_ffff;
  const best = air.receptions[0];
  return {
    end_device_ids: namesOf(delivery),
    correlation_ids: [`as:up:01${token}`, `gs:uplink:01${token}`],
    received_at: isoNanos(atMs + FORWARDED_MS + 15, 905_113),
    uplink_message: {
      session_key_id: sessionKeyOf(delivery),
      ...(uplink.fPort > 0 && { f_port: uplink.fPort }),
      ...(fCnt > 0 && { f_cnt: fCnt }),
      ...(uplink.bytes.length > 0 && { frm_payload: base64(uplink.bytes) }),
      rx_metadata: air.receptions.map(({ gateway, rssi, snr, channel, gatewayMs }) => ({
        gateway_ids: { gateway_id: gateway.id, eui: gateway.eui.toUpperCase() },
        ...(gatewayMs !== undefined && { time: isoNanos(gatewayMs, 412_771) }),
        timestamp: tick,
        rssi,
        channel_rssi: rssi,
        snr,
        location: {
          latitude: gateway.position.lat,
          longitude: gateway.position.lon,
          altitude: 40,
          source: 'SOURCE_REGISTRY',
        },
        uplink_token: Buffer.from(`${gateway.id}:${tick}`).toString('base64'),
        ...(channel > 0 && { channel_index: channel }),
        received_at: isoNanos(atMs + 120, 55_900),
      })),
      settings: {
        data_rate: { lora: { bandwidth: 125_000, spreading_factor: air.spreadingFactor, coding_rate: '4/5' } },
        frequency: String(air.frequencyHz),
        timestamp: tick,
        ...(best?.gatewayMs !== undefined && { time: isoNanos(best.gatewayMs, 412_771) }),
      },
      received_at: isoNanos(atMs + FORWARDED_MS, 118_402),
      consumed_airtime: `${airtimeS(air.spreadingFactor, uplink.bytes.length).toFixed(6)}s`,
      network_ids: {
        net_id: '000013',
        tenant_id: TENANT,
        cluster_id: 'eu1',
        cluster_address: 'eu1.cloud.thethings.example',
      },
    },
  };
}
