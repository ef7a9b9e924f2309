import { fieldsOf, readMessage, type Field, type Message, type MessageSpec } from './protobuf.ts';

/*
 * ChirpStack v4's events with the protobuf marshaler (json=false): the fields we use of api/proto/integration/
 * integration.proto, gw/gw.proto and common/common.proto at chirpstack/chirpstack@d77207cd, under their proto3 JSON names.
 */
const DEVICE_INFO: MessageSpec = {
  3: ['applicationId', 'string'],
  7: ['deviceName', 'string'],
  8: ['devEui', 'string'],
};
const COMMON: MessageSpec = {
  1: ['deduplicationId', 'string'],
  2: ['time', 'timestamp'],
  3: ['deviceInfo', DEVICE_INFO],
};
const RX_INFO: MessageSpec = {
  1: ['gatewayId', 'string'],
  3: ['gwTime', 'timestamp'],
  6: ['rssi', 'int32'],
  7: ['snr', 'float'],
  17: ['nsTime', 'timestamp'],
};
const LORA: MessageSpec = { 1: ['bandwidth', 'uint32'], 2: ['spreadingFactor', 'uint32'] };
const TX_INFO: MessageSpec = { 1: ['frequency', 'uint32'], 2: ['modulation', { 3: ['lora', LORA] }] };
const EVENTS: Record<string, MessageSpec> = {
  up: {
    ...COMMON,
    4: ['devAddr', 'string'],
    6: ['dr', 'uint32'],
    7: ['fCnt', 'uint32'],
    8: ['fPort', 'uint32'],
    9: ['confirmed', 'bool'],
    10: ['data', 'base64'],
    12: ['rxInfo', RX_INFO, 'many'],
    13: ['txInfo', TX_INFO],
    15: ['joinServerContext', {}],
  },
  join: { ...COMMON, 4: ['devAddr', 'string'] },
  ack: { ...COMMON, 4: ['queueItemId', 'string'], 5: ['acknowledged', 'bool'], 6: ['fCntDown', 'uint32'] },
  txack: {
    1: ['downlinkId', 'uint32'],
    2: ['time', 'timestamp'],
    3: ['deviceInfo', DEVICE_INFO],
    4: ['queueItemId', 'string'],
    5: ['fCntDown', 'uint32'],
    6: ['gatewayId', 'string'],
  },
  status: {
    ...COMMON,
    5: ['margin', 'int32'],
    6: ['externalPowerSource', 'bool'],
    7: ['batteryLevelUnavailable', 'bool'],
    8: ['batteryLevel', 'float'],
  },
  location: {
    ...COMMON,
    4: ['location', { 1: ['latitude', 'double'], 2: ['longitude', 'double'], 5: ['accuracy', 'float'] }],
  },
  log: {
    1: ['time', 'timestamp'],
    2: ['deviceInfo', DEVICE_INFO],
    3: ['level', 'uint32'],
    4: ['code', 'uint32'],
    5: ['description', 'string'],
    6: ['contextEntries', { 1: ['key', 'string'], 2: ['value', 'string'] }, 'many'],
  },
  integration: { ...COMMON, 4: ['integrationName', 'string'], 5: ['eventType', 'string'] },
};
// enums of integration.proto, as proto3 JSON names them
const LOG_LEVELS = ['INFO', 'WARNING', 'ERROR'];
const LOG_CODES = [
  'UNKNOWN',
  'DOWNLINK_PAYLOAD_SIZE',
  'UPLINK_CODEC',
  'DOWNLINK_CODEC',
  'OTAA',
  'UPLINK_F_CNT_RESET',
  'UPLINK_MIC',
  'UPLINK_F_CNT_RETRANSMISSION',
  'DOWNLINK_GATEWAY',
  'RELAY_NEW_END_DEVICE',
  'F_CNT_DOWN',
  'EXPIRED',
];

/**
 * Reads an event of ChirpStack's protobuf marshaler into its JSON form.
 * @param event what the topic or the query says it is; without, the numbers and types of its fields tell
 * @returns undefined when the bytes are no event of ChirpStack: those name a device by an EUI of 16 digits
 */
export function fromProtobuf(bytes: Uint8Array, event: string | undefined): Message | undefined {
  const fields = fieldsOf(bytes);
  const spec = fields && EVENTS[event ?? eventOf(fields)];
  const message = spec && readMessage(bytes, spec);
  const device = message?.['deviceInfo'] as { devEui?: string } | undefined;
  if (!message || !/^[0-9a-f]{16}$/i.test(device?.devEui ?? '')) return undefined;
  return spec === EVENTS['log'] ? logOf(message) : message;
}

const LENGTH = 2;
const FIXED32 = 5;

function eventOf(fields: readonly Field[]): string {
  const wire = (number: number): number | undefined => fields.find((field) => field.number === number)?.wire;
  if (wire(1) !== LENGTH) return 'txack';
  if (wire(3) !== LENGTH) return 'log';
  if (wire(12) === LENGTH || wire(13) === LENGTH || wire(10) === LENGTH) return 'up';
  if (wire(8) === FIXED32 || wire(7) === 0) return 'status';
  const fourth = fields.find(({ number }) => number === 4);
  if (!fourth) return wire(5) === 0 || wire(6) === 0 ? 'status' : 'integration';
  // a location begins with its latitude, a double; a queue item's id is a UUID of 36 characters
  if (fourth.bytes[0] === 0x09 || fourth.bytes[0] === 0x11) return 'location';
  if (wire(5) === LENGTH) return 'integration';
  return fourth.bytes.length === 36 ? 'ack' : 'join';
}

function logOf({ level = 0, code = 0, contextEntries = [], ...rest }: Message): Message {
  const entries = contextEntries as { key?: string; value?: string }[];
  return {
    ...rest,
    level: LOG_LEVELS[level as number],
    code: LOG_CODES[code as number] ?? 'UNKNOWN',
    context: Object.fromEntries(entries.map(({ key = '', value = '' }) => [key, value])),
  };
}
