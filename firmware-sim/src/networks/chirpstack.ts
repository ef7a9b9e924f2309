import { base64, devAddrOf, euiOf, isoNanos, uuidOf } from './format.ts';
import type { Delivery, Network } from './model.ts';
import { protoWriter, type ProtoWriter } from './protobuf.ts';

const APPLICATION = '6b1f8c52-0d3e-4b7a-9c41-5f2a7e90d318';
const TENANT = 'b7c0f6de-52a4-4f9b-8d15-0e6a31c2f4aa';
const NANOS = 412_771;
const REGION = { region_config_id: 'eu868', region_common_name: 'EU868' };

const shared = {
  source: 'chirpstack',
  transport: 'mqtt',
  carries: 'bytes',
  counterBits: 32,
  maxBytes: 222,
  lossy: true,
  joins: true,
  namesOf: (index: number) => ({ devEui: euiOf(index) }),
} as const;

/** ChirpStack v4 with `json=true`. */
export const chirpstack: Network = {
  ...shared,
  id: 'chirpstack',
  up: (delivery) => [{ to: topicOf(delivery, 'up'), body: JSON.stringify(bodyOf(delivery)) }],
  joined: (delivery) => ({ to: topicOf(delivery, 'join'), body: JSON.stringify(joinOf(delivery)) }),
};

/** ChirpStack v4 as it comes: Protocol Buffers on the same topics. */
export const chirpstackProtobuf: Network = {
  ...shared,
  id: 'chirpstack-protobuf',
  up: (delivery) => [{ to: topicOf(delivery, 'up'), body: bytesOf(delivery) }],
  joined: (delivery) => ({ to: topicOf(delivery, 'join'), body: joinBytesOf(delivery) }),
};

type Joined = Pick<Delivery, 'ids' | 'session' | 'atMs' | 'typeId'>;

function topicOf({ ids }: Joined, event: 'up' | 'join'): string {
  return `application/${APPLICATION}/device/${ids.devEui}/event/${event}`;
}

function isoOf(atMs: number): string {
  return isoNanos(atMs, NANOS).replace('Z', '+00:00');
}

function infoOf({ ids, typeId }: Joined): object {
  return {
    tenantId: TENANT,
    tenantName: 'Rondestad',
    applicationId: APPLICATION,
    applicationName: 'afval',
    deviceProfileId: uuidOf(typeId),
    deviceProfileName: typeId,
    deviceName: ids.deviceId,
    devEui: ids.devEui,
    deviceClassEnabled: 'CLASS_A',
    tags: {},
  };
}

function joinOf(joined: Joined): object {
  return {
    deduplicationId: uuidOf(`${joined.ids.deviceId}/join/${joined.session}`),
    time: isoOf(joined.atMs),
    deviceInfo: infoOf(joined),
    devAddr: devAddrOf(joined.ids.deviceId, joined.session),
  };
}

function idOf({ ids, session, fCnt }: Delivery): string {
  return uuidOf(`${ids.deviceId}/${session}/${fCnt}`);
}

const uplinkIdOf = (fCnt: number, index: number): number => ((fCnt * 7919 + index * 104_729) >>> 0) % 65_536;

function bodyOf(delivery: Delivery): object {
  const { ids, uplink, air, fCnt, session, atMs } = delivery;
  const time = isoOf(atMs);
  return {
    deduplicationId: idOf(delivery),
    time,
    deviceInfo: infoOf(delivery),
    devAddr: devAddrOf(ids.deviceId, session),
    adr: true,
    dr: Math.max(0, 12 - air.spreadingFactor),
    ...(fCnt > 0 && { fCnt }),
    fPort: uplink.fPort,
    confirmed: false,
    data: base64(uplink.bytes),
    rxInfo: air.receptions.map(({ gateway, rssi, snr, channel, gatewayMs }, index) => ({
      gatewayId: gateway.eui,
      uplinkId: uplinkIdOf(fCnt, index),
      ...(gatewayMs !== undefined && { gwTime: isoOf(gatewayMs) }),
      nsTime: time,
      rssi,
      snr,
      ...(channel > 0 && { channel }),
      location: { latitude: gateway.position.lat, longitude: gateway.position.lon },
      context: Buffer.from(gateway.id).toString('base64').slice(0, 8),
      metadata: REGION,
      crcStatus: 'CRC_OK',
    })),
    txInfo: {
      frequency: air.frequencyHz,
      modulation: { lora: { bandwidth: 125_000, spreadingFactor: air.spreadingFactor, codeRate: 'CR_4_5' } },
    },
  };
}

// google.protobuf.Timestamp: seconds and nanoseconds
function timestamp(atMs: number): (writer: ProtoWriter) => void {
  return (writer) => void writer.int(1, Math.floor(atMs / 1000)).uint(2, (atMs % 1000) * 1e6 + NANOS);
}

// integration.DeviceInfo
function writeInfo(writer: ProtoWriter, { ids, typeId }: Joined): void {
  writer.text(1, TENANT).text(2, 'Rondestad').text(3, APPLICATION).text(4, 'afval');
  writer.text(5, uuidOf(typeId)).text(6, typeId).text(7, ids.deviceId).text(8, ids.devEui);
}

// integration.UplinkEvent with gw.UplinkRxInfo and gw.UplinkTxInfo (api/proto of chirpstack v4)
function bytesOf(delivery: Delivery): Uint8Array {
  const { ids, uplink, air, fCnt, session, atMs } = delivery;
  const event = protoWriter()
    .text(1, idOf(delivery))
    .message(2, timestamp(atMs))
    .message(3, (info) => writeInfo(info, delivery))
    .text(4, devAddrOf(ids.deviceId, session))
    .bool(5, true)
    .uint(6, Math.max(0, 12 - air.spreadingFactor))
    .uint(7, fCnt)
    .uint(8, uplink.fPort)
    .bytes(10, uplink.bytes);
  air.receptions.forEach(({ gateway, rssi, snr, channel, gatewayMs }, index) => {
    event.message(12, (rx) => {
      rx.text(1, gateway.eui).uint(2, uplinkIdOf(fCnt, index));
      if (gatewayMs !== undefined) rx.message(3, timestamp(gatewayMs));
      rx.int(6, rssi).float(7, snr).uint(8, channel);
      rx.message(12, (place) => void place.double(1, gateway.position.lat).double(2, gateway.position.lon));
      for (const [key, value] of Object.entries(REGION))
        rx.message(15, (entry) => void entry.text(1, key).text(2, value));
      // CRCStatus CRC_OK
      rx.uint(16, 2).message(17, timestamp(atMs));
    });
  });
  return event
    .message(13, (tx) => {
      tx.uint(1, air.frequencyHz).message(2, (modulation) => {
        modulation.message(3, (lora) => void lora.uint(1, 125_000).uint(2, air.spreadingFactor).uint(5, 1));
      });
    })
    .finish();
}

// integration.JoinEvent
function joinBytesOf(joined: Joined): Uint8Array {
  return protoWriter()
    .text(1, uuidOf(`${joined.ids.deviceId}/join/${joined.session}`))
    .message(2, timestamp(joined.atMs))
    .message(3, (info) => writeInfo(info, joined))
    .text(4, devAddrOf(joined.ids.deviceId, joined.session))
    .finish();
}
