import type { EncodedUplink } from '@ronde/sensor-types';
import type { CityDevice } from '../city/model.ts';
import { airtimeS, type Air } from './radio.ts';

/** A message as it goes over MQTT. */
export interface Message {
  topic: string;
  body: object;
}

/** What a network server knows of one uplink. */
export interface Delivery {
  device: CityDevice;
  encoded: EncodedUplink;
  air: Air;
  fCnt: number;
  /** Grows with every join of the device. */
  session: number;
  atMs: number;
}

const APPLICATION = 'rondestad-afval';
const CHIRPSTACK_APPLICATION = '6b1f8c52-0d3e-4b7a-9c41-5f2a7e90d318';
const CHIRPSTACK_TENANT = 'b7c0f6de-52a4-4f9b-8d15-0e6a31c2f4aa';

/** Wraps an uplink the way The Things Stack v3 publishes it over MQTT; proto3 JSON leaves zeros out. */
export function thingsStackUp({ device, encoded, air, fCnt, session, atMs }: Delivery): Message {
  const time = iso(atMs, 412_771);
  const received = iso(atMs + 190, 118_402);
  const tick = ((atMs * 1000) >>> 0) % 0xffff_ffff;
  return {
    topic: thingsStackTopic(device, 'up'),
    body: {
      end_device_ids: idsOf(device, session),
      correlation_ids: [`as:up:01${token(device.id, session, fCnt)}`, `gs:uplink:01${token(device.id, fCnt, session)}`],
      received_at: iso(atMs + 205, 905_113),
      uplink_message: {
        session_key_id: Buffer.from(`${device.id}:${session}`).toString('base64').slice(0, 22),
        f_port: encoded.fPort,
        ...(fCnt > 0 && { f_cnt: fCnt }),
        frm_payload: Buffer.from(encoded.bytes).toString('base64'),
        rx_metadata: air.receptions.map(({ gateway, rssi, snr, channel }) => ({
          gateway_ids: { gateway_id: gateway.id, eui: gateway.eui.toUpperCase() },
          time,
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
          received_at: iso(atMs + 120, 55_900),
        })),
        settings: {
          data_rate: { lora: { bandwidth: 125_000, spreading_factor: air.spreadingFactor, coding_rate: '4/5' } },
          frequency: String(air.frequencyHz),
          timestamp: tick,
          time,
        },
        received_at: received,
        consumed_airtime: `${airtimeS(air.spreadingFactor, encoded.bytes.length).toFixed(6)}s`,
        network_ids: {
          net_id: '000013',
          tenant_id: 'rondestad',
          cluster_id: 'eu1',
          cluster_address: 'eu1.cloud.thethings.example',
        },
      },
    },
  };
}

/** Tells of a join, as The Things Stack does. */
export function thingsStackJoin(device: CityDevice, session: number, atMs: number): Message {
  return {
    topic: thingsStackTopic(device, 'join'),
    body: {
      end_device_ids: idsOf(device, session),
      received_at: iso(atMs, 0),
      join_accept: {
        session_key_id: Buffer.from(`${device.id}:${session}`).toString('base64').slice(0, 22),
        received_at: iso(atMs, 0),
      },
    },
  };
}

function thingsStackTopic(device: CityDevice, event: 'up' | 'join'): string {
  return `v3/${APPLICATION}@rondestad/devices/${device.id}/${event}`;
}

function idsOf(device: CityDevice, session: number): object {
  return {
    device_id: device.id,
    application_ids: { application_id: APPLICATION },
    dev_eui: device.externalIds?.devEui?.toUpperCase(),
    join_eui: '72F0DE0000000000',
    dev_addr: devAddr(device, session).toUpperCase(),
  };
}

/** Wraps an uplink the way ChirpStack v4 publishes it with `json=true`. */
export function chirpstackUp({ device, encoded, air, fCnt, session, atMs }: Delivery): Message {
  const devEui = device.externalIds!.devEui!;
  const time = iso(atMs, 412_771).replace('Z', '+00:00');
  return {
    topic: `application/${CHIRPSTACK_APPLICATION}/device/${devEui}/event/up`,
    body: {
      deduplicationId: uuidOf(device.id, session, fCnt),
      time,
      deviceInfo: {
        tenantId: CHIRPSTACK_TENANT,
        tenantName: 'Rondestad',
        applicationId: CHIRPSTACK_APPLICATION,
        applicationName: 'afval',
        deviceProfileId: uuidOf(device.typeId, 0, 0),
        deviceProfileName: device.typeId,
        deviceName: device.id,
        devEui,
        deviceClassEnabled: 'CLASS_A',
        tags: {},
      },
      devAddr: devAddr(device, session),
      adr: true,
      dr: Math.max(0, 12 - air.spreadingFactor),
      ...(fCnt > 0 && { fCnt }),
      fPort: encoded.fPort,
      confirmed: false,
      data: Buffer.from(encoded.bytes).toString('base64'),
      rxInfo: air.receptions.map(({ gateway, rssi, snr, channel }, index) => ({
        gatewayId: gateway.eui,
        uplinkId: ((fCnt * 7919 + index * 104_729) >>> 0) % 65_536,
        // some gateways have no clock
        ...(index !== 2 && { gwTime: time }),
        nsTime: time,
        rssi,
        snr,
        ...(channel > 0 && { channel }),
        location: { latitude: gateway.position.lat, longitude: gateway.position.lon },
        context: Buffer.from(gateway.id).toString('base64').slice(0, 8),
        metadata: { region_config_id: 'eu868', region_common_name: 'EU868' },
        crcStatus: 'CRC_OK',
      })),
      txInfo: {
        frequency: air.frequencyHz,
        modulation: { lora: { bandwidth: 125_000, spreadingFactor: air.spreadingFactor, codeRate: 'CR_4_5' } },
      },
    },
  };
}

function devAddr(device: CityDevice, session: number): string {
  return hash(`${device.id}/${session}`).slice(0, 8);
}

function uuidOf(name: string, session: number, fCnt: number): string {
  const hex = hash(`${name}/${session}/${fCnt}`).padEnd(16, '0') + hash(`${fCnt}/${name}/${session}`).padEnd(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function token(name: string, a: number, b: number): string {
  return hash(`${name}/${a}/${b}`).toUpperCase();
}

/** Sixteen hexadecimal digits that look random (two rounds of FNV-1a). */
function hash(text: string): string {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(text.length - 1 - i), 0x811c9dc5) ^ (high >>> 15);
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Network servers print nanoseconds. */
function iso(atMs: number, nanosOfMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}${String(nanosOfMs).padStart(6, '0')}Z`;
}
