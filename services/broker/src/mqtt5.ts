import { randomUUID } from 'node:crypto';
import type { InnerPacket } from './inside.ts';
import type { Properties } from './properties.ts';

/** Why a client is refused: in words for the log, and as the reason code of MQTT 5. */
export interface Refusal {
  why: string;
  code: number;
}
/** What the server grants; told in CONNACK. */
export interface Grants {
  qos2: boolean;
  retain: boolean;
  keepaliveLimitS: number;
  /** The largest frame after login. */
  limitBytes(): number | undefined;
  /** Tells whether the client has subscribed a filter. */
  isSubscribed(filter: string): boolean;
}

/** The reason codes of MQTT 5 table 2-6 that are used here. */
export const REASON = {
  withWill: 0x04,
  noSubscription: 0x11,
  malformed: 0x81,
  protocol: 0x82,
  version: 0x84,
  clientId: 0x85,
  notAuthorised: 0x87,
  unavailable: 0x88,
  busy: 0x89,
  stopping: 0x8b,
  authentication: 0x8c,
  silent: 0x8d,
  takenOver: 0x8e,
  topic: 0x90,
  alias: 0x94,
  size: 0x95,
  rate: 0x96,
  payload: 0x99,
  retain: 0x9a,
  qos: 0x9b,
  share: 0x9e,
  subscriptionId: 0xa1,
} as const;
/** Return codes of CONNACK 3.1.1, and 6 of Aedes for a keep alive above the limit. */
const CONNACK_REASON: Record<number, number> = { 1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87 };
const MOST_ALIASES = 16;
/** Reason codes with which a client may leave, MQTT 5 table 3-13. */
const LEAVES_WITH = new Set([0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]);
const TYPE = { connack: 2, publish: 3, suback: 9, unsuback: 11 } as const;

/** One connection's MQTT 5. Nothing of it reaches the engine, which speaks 3.1.1 on. */
export interface Mqtt5 {
  isSpoken(): boolean;
  /** The client is logged in. */
  isOpen(): boolean;
  /** Turns a CONNECT into one of 3.1.1 without a session that is kept. */
  connect(packet: InnerPacket): Refusal | undefined;
  publish(packet: InnerPacket): Refusal | undefined;
  subscribe(packet: InnerPacket): Refusal | undefined;
  disconnect(packet: InnerPacket): Refusal | undefined;
  /** Turns a frame of the engine into the client's form; undefined when the client takes none of this size. */
  toClient(first: number, body: Buffer): Buffer | undefined;
  /** A DISCONNECT, when the client speaks MQTT 5 and is logged in; once. */
  farewell(code: number): Buffer | undefined;
  /** QoS 1 and 2 messages that the client takes at a time. */
  receiveMaximum(): number;
}

/**
 * Speaks MQTT 5 in front of an engine of 3.1.1: sessions end with the connection (Session Expiry 0), topic aliases are
 * resolved, what is not granted is told in CONNACK, and each end of a connection has its reason.
 */
export function createMqtt5(grants: Grants): Mqtt5 {
  let state: 'other' | 'connecting' | 'open' | 'over' = 'other';
  let asked: Properties = {};
  let told: Buffer[] = [];
  const aliases = new Map<number, string>();
  const filtersOf = new Map<number, string[]>();

  const toConnack = ([flags = 0, code = 0]: Buffer): Buffer => {
    if (code !== 0) return frame(0x20, Buffer.from([0, CONNACK_REASON[code] ?? REASON.notAuthorised, 0]));
    state = 'open';
    const properties = Buffer.concat([
      ...told,
      ...(grants.qos2 ? [] : [Buffer.from([0x24, 1])]),
      ...(grants.retain ? [] : [Buffer.from([0x25, 0])]),
      number32(0x27, grants.limitBytes() ?? 0),
      number16(0x22, MOST_ALIASES),
      // no subscription identifiers, no shared subscriptions
      Buffer.from([0x29, 0, 0x2a, 0]),
    ]);
    return frame(0x20, Buffer.concat([Buffer.from([flags, 0, properties.length]), properties]));
  };
  const toSuback = (body: Buffer): Buffer => {
    const filters = filtersOf.get(body.readUInt16BE(0)) ?? [];
    filtersOf.delete(body.readUInt16BE(0));
    const codes = [...body.subarray(2)].map((code, i) => {
      if (code < 0x80) return code;
      return filters[i]?.startsWith('$share/') ? REASON.share : REASON.notAuthorised;
    });
    return frame(0x90, Buffer.concat([body.subarray(0, 2), Buffer.from([0, ...codes])]));
  };
  const unsubscribed = new Map<number, number[]>();
  const toUnsuback = (body: Buffer): Buffer => {
    const codes = unsubscribed.get(body.readUInt16BE(0)) ?? [];
    unsubscribed.delete(body.readUInt16BE(0));
    return frame(0xb0, Buffer.concat([body, Buffer.from([0, ...codes])]));
  };

  return {
    isSpoken: () => state !== 'other',
    isOpen: () => state === 'open' || state === 'over',
    connect(packet) {
      asked = packet.properties ?? {};
      state = 'connecting';
      if (asked.authenticationMethod !== undefined)
        return { why: 'AUTH is not spoken here', code: REASON.authentication };
      if (asked.authenticationData) return { why: 'authentication data without a method', code: REASON.protocol };
      packet.protocolVersion = 4;
      packet.clean = true;
      told = [];
      if (asked.sessionExpiryInterval) told.push(number32(0x11, 0));
      const keepaliveS = Math.min(packet.keepalive || Infinity, grants.keepaliveLimitS);
      if (keepaliveS !== packet.keepalive) told.push(number16(0x13, keepaliveS));
      packet.keepalive = keepaliveS;
      if (packet.clientId === '') {
        packet.clientId = randomUUID();
        told.push(Buffer.concat([number16(0x12, packet.clientId.length), Buffer.from(packet.clientId)]));
      }
      return undefined;
    },
    publish(packet) {
      const { topicAlias, responseTopic, subscriptionIdentifier } = packet.properties ?? {};
      if (/[+#]/.test(responseTopic ?? '')) return { why: 'a response topic with wildcards', code: REASON.protocol };
      if (subscriptionIdentifier) return { why: 'a subscription identifier', code: REASON.protocol };
      delete packet.properties;
      if (topicAlias === undefined)
        return packet.topic === '' ? { why: 'neither topic nor alias', code: REASON.protocol } : undefined;
      if (topicAlias === 0 || topicAlias > MOST_ALIASES)
        return { why: 'a topic alias out of range', code: REASON.alias };
      const topic = packet.topic === '' ? aliases.get(topicAlias) : packet.topic;
      if (topic === undefined) return { why: 'a topic alias that means nothing', code: REASON.protocol };
      aliases.set(topicAlias, topic);
      packet.topic = topic;
      return undefined;
    },
    subscribe({ messageId, subscriptions, unsubscriptions, properties }) {
      if (properties?.subscriptionIdentifier !== undefined)
        return { why: 'a subscription identifier', code: REASON.subscriptionId };
      if (subscriptions?.some(({ topic, nl }) => nl && topic.startsWith('$share/')))
        return { why: 'no local on a shared subscription', code: REASON.protocol }; // [MQTT-3.8.3-4]
      const id = messageId ?? 0;
      if (subscriptions)
        filtersOf.set(
          id,
          subscriptions.map(({ topic }) => topic),
        );
      if (unsubscriptions)
        unsubscribed.set(
          id,
          unsubscriptions.map((one) => (grants.isSubscribed(one) ? 0 : REASON.noSubscription)),
        );
      return undefined;
    },
    disconnect({ reasonCode = 0, properties }) {
      if (properties?.sessionExpiryInterval && !asked.sessionExpiryInterval)
        return { why: 'a session expiry that CONNECT did not ask for', code: REASON.protocol }; // [MQTT-3.14.2-2]
      state = 'over';
      if (!LEAVES_WITH.has(reasonCode))
        return { why: 'left with a reason that does not exist', code: REASON.malformed };
      // an end that is no clean one to the engine, which publishes the will then [MQTT-3.1.2-10]
      return reasonCode === 0 ? undefined : { why: 'left with its will', code: 0 };
    },
    toClient(first, body) {
      const type = first >> 4;
      if (type === TYPE.connack) return toConnack(body);
      if (type === TYPE.suback) return toSuback(body);
      if (type === TYPE.unsuback) return toUnsuback(body);
      if (type !== TYPE.publish) return frame(first, body);
      const headEnd = 2 + body.readUInt16BE(0) + ((first & 6) > 0 ? 2 : 0);
      const bytes = frame(first, Buffer.concat([body.subarray(0, headEnd), Buffer.from([0]), body.subarray(headEnd)]));
      return bytes.length > (asked.maximumPacketSize ?? Infinity) ? undefined : bytes; // [MQTT-3.1.2-24]
    },
    farewell(code) {
      if (state !== 'open') return undefined;
      state = 'over';
      return Buffer.from([0xe0, 1, code]);
    },
    receiveMaximum: () => asked.receiveMaximum ?? 65_535,
  };
}

/** A CONNACK that refuses, in the form of MQTT 5. */
export const refusing = (code: number): Buffer => Buffer.from([0x20, 3, 0, code, 0]);

const number16 = (property: number, value: number): Buffer => Buffer.from([property, value >> 8, value & 0xff]);
function number32(property: number, value: number): Buffer {
  const bytes = Buffer.from([property, 0, 0, 0, 0]);
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

function frame(first: number, body: Buffer): Buffer {
  const head = [first];
  let rest = body.length;
  do {
    head.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), body]);
}
