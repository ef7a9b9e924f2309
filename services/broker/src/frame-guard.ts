import { isAscii, isUtf8 } from 'node:buffer';
import type { InnerParser } from './inside.ts';
import { REASON, refusing, type Mqtt5 } from './mqtt5.ts';
import { readProperties } from './properties.ts';

const BEFORE_CONNECT_BYTES = 4 * 1024;
/** What a client may send, with the length of its frame where the protocol fixes one. */
const FIXED_LENGTH: Record<string, number | undefined> = {
  pingreq: 0,
  disconnect: 0,
  puback: 2,
  pubrec: 2,
  pubrel: 2,
  pubcomp: 2,
};
const LEAST_LENGTH: Record<string, number | undefined> = { subscribe: 6, unsubscribe: 5, publish: 3 };
const KNOWN = new Set(['connect', 'publish', 'subscribe', 'unsubscribe', 'pingreq', 'disconnect', 'puback']);
const KNOWN_WITH_QOS_2 = new Set([...KNOWN, 'pubrec', 'pubrel', 'pubcomp']);
// [MQTT-1.5.3-2] and the characters the note after it advises against; surrogates cannot come out of valid UTF-8
// eslint-disable-next-line no-control-regex -- exactly those are meant
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/;

const LEVEL_OF: Record<string, number | undefined> = { MQIsdp: 3, MQTT: 4 };
const CONNACK_WRONG_ID = Buffer.from([0x20, 2, 0, 2]);
const CONNACK_WRONG_LEVEL = Buffer.from([0x20, 2, 0, 1]); // [MQTT-3.1.2-2]

export interface FrameGuard {
  /** The largest frame after CONNECT, asked at each frame. */
  limitBytes(): number | undefined;
  /** Sends bytes to the client before its connection is closed. */
  answer(bytes: Buffer): void;
  qos2: boolean;
  mqtt5: Mqtt5;
  /** Takes a client's acknowledgement; false when it is none of what was sent. */
  answered(answer: string, packetId: number): boolean;
}

/**
 * Makes a connection's parser refuse what mqtt-packet lets through: frames of any length (it has no limit and buffers
 * them, also before login), strings that are not UTF-8 or carry control characters, and malformed frames.
 * Every refusal is the parser's error, which closes the connection at once.
 */
export function guardFrames(parser: InnerParser, guard: FrameGuard): void {
  const base = Object.getPrototypeOf(parser) as InnerParser;
  const known = guard.qos2 ? KNOWN_WITH_QOS_2 : KNOWN;
  const { mqtt5 } = guard;
  let connected = false;
  const fail: Fail = (message, reasonCode = REASON.protocol) => {
    parser._emitError(Object.assign(new Error(message), { reasonCode }));
    return false;
  };
  parser._emitError = (error: Error & { reasonCode?: number }) => {
    const { cmd, protocolVersion } = parser.packet;
    const isConnect5 = cmd === 'connect' && (protocolVersion === 5 || mqtt5.isSpoken());
    if (isConnect5 && !mqtt5.isOpen() && error.reasonCode) guard.answer(refusing(error.reasonCode));
    base._emitError.call(parser, error);
  };
  parser._parseHeader = () => {
    if (!base._parseHeader.call(parser)) return false;
    const { cmd = '', dup, qos } = parser.packet;
    if (!known.has(cmd)) return fail('clients do not send this kind of packet');
    if ((cmd === 'connect') === connected) return fail('CONNECT comes once, and first'); // [MQTT-3.1.0-1], [MQTT-3.1.0-2]
    if (cmd === 'publish' && dup && qos === 0) return fail('DUP with QoS 0'); // [MQTT-3.3.1-2]
    return true;
  };
  parser._parseLength = () => {
    if (!base._parseLength.call(parser)) return false;
    const { cmd = '', length } = parser.packet;
    if (length > (connected ? (guard.limitBytes() ?? BEFORE_CONNECT_BYTES) : BEFORE_CONNECT_BYTES))
      return fail('frame too large', REASON.size);
    const fixed = mqtt5.isSpoken() && cmd !== 'pingreq' ? undefined : FIXED_LENGTH[cmd];
    if (length !== (fixed ?? length) || length < (LEAST_LENGTH[cmd] ?? 0))
      return fail('malformed length', REASON.malformed);
    return true;
  };
  parser._parseMessageId = () => {
    if (!base._parseMessageId.call(parser)) return false;
    const id = parser.packet.messageId ?? 0;
    return id > 0 || fail('packet id 0'); // [MQTT-2.3.1-1]; -1 is a frame that ends before it
  };
  parser._parseConfirmation = () => {
    const parsed = base._parseConfirmation.call(parser);
    const { cmd = '', messageId, length } = parser.packet;
    if (mqtt5.isSpoken() && parser._pos !== length) return fail('malformed length', REASON.malformed);
    if (cmd === 'pubrel' || !messageId || guard.answered(cmd, messageId)) return parsed;
    return fail('an acknowledgement of another kind than the message asks for');
  };
  for (const name of ['_parseSubscribe', '_parseUnsubscribe'] as const) {
    parser[name] = () => {
      base[name].call(parser);
      const { subscriptions = [], unsubscriptions = [] } = parser.packet;
      const filters = [...subscriptions.map(({ topic }) => topic), ...unsubscriptions];
      // Aedes lets some through, as "ab/+e"
      if (parser.error) return;
      if (filters.length === 0 || !filters.every(isFilter)) fail('no topic filter');
      else if (mqtt5.isSpoken()) refuse(mqtt5.subscribe(parser.packet), fail);
    };
  }
  parser._parseString = () => {
    const start = parser._pos + 2;
    const text = base._parseString.call(parser);
    if (text === null) return null;
    const bytes = parser._list.slice(start, parser._pos);
    if (isAscii(bytes) || isUtf8(bytes)) return UNWANTED.test(text) ? null : text;
    return null;
  };
  parser._parseConnect = () => {
    const level = levelOf(parser);
    if (level !== undefined && ![3, 4, 5].includes(level)) {
      guard.answer(CONNACK_WRONG_LEVEL);
      return fail('this level of MQTT is not spoken here');
    }
    const packet = base._parseConnect.call(parser);
    connected = true;
    if (!packet || parser.error) return packet;
    const { answer, why } = connectFault(parser) ?? {};
    if (answer) guard.answer(answer);
    if (why !== undefined) return fail(why);
    if (parser.packet.protocolVersion !== 5) return packet;
    // the engine gets a CONNECT of 3.1.1, the parser goes on with MQTT 5
    parser.settings = { protocolVersion: 5 };
    const refusal = mqtt5.connect(parser.packet);
    return refusal ? fail(refusal.why, refusal.code) : packet;
  };
  guardMqtt5(parser, mqtt5, fail);
}

type Fail = (message: string, reasonCode?: number) => false;
function refuse(refusal: { why: string; code: number } | undefined, fail: Fail): void {
  if (refusal) fail(refusal.why, refusal.code);
}

/** What only MQTT 5 has. */
function guardMqtt5(parser: InnerParser, mqtt5: Mqtt5, fail: Fail): void {
  const base = Object.getPrototypeOf(parser) as InnerParser;
  let blocks = 0;
  parser._parseProperties = () => {
    const { cmd = '', length } = parser.packet;
    // the second ones of CONNECT are those of its will
    const what = cmd === 'connect' && blocks++ > 0 ? 'will' : cmd;
    const read = readProperties(parser._list.slice(0, length), parser._pos, what);
    if (!read.ok) {
      fail(read.why, read.isMalformed ? REASON.malformed : REASON.protocol);
      return {};
    }
    parser._pos = read.end;
    return read.properties;
  };
  parser._parsePublish = () => {
    base._parsePublish.call(parser);
    if (mqtt5.isSpoken() && !parser.error) refuse(mqtt5.publish(parser.packet), fail);
  };
  parser._parseDisconnect = () => {
    if (!mqtt5.isSpoken()) return base._parseDisconnect.call(parser);
    const { packet } = parser;
    // mqtt-packet reads on into the next frame when the reason is left out, as it may be
    packet.reasonCode = packet.length === 0 ? 0 : (parser._parseByte() ?? 0);
    if (packet.length > 1) packet.properties = parser._parseProperties();
    if (parser.error) return false;
    if (parser._pos !== packet.length) return fail('a malformed DISCONNECT', REASON.malformed);
    refuse(mqtt5.disconnect(packet), fail);
    return !parser.error;
  };
}

/** Tells whether wildcards stand for whole levels, and "#" last [MQTT-4.7.1-2], [MQTT-4.7.1-3]. */
function isFilter(filter: string): boolean {
  const levels = filter.split('/');
  return levels.every((level, i) => !/[+#]/.test(level) || level === '+' || (level === '#' && i === levels.length - 1));
}

/** Reads the level of a CONNECT whose protocol name is MQTT's. */
function levelOf({ _list: list, packet }: InnerParser): number | undefined {
  const nameEnd = 2 + (list.length > 1 ? list.slice(0, 2).readUInt16BE(0) : 0);
  if (nameEnd >= packet.length || LEVEL_OF[list.toString('utf8', 2, nameEnd)] === undefined) return undefined;
  // the highest bit marks bridges of Mosquitto, which are no special clients here
  return list.slice(nameEnd, nameEnd + 1)[0];
}

/** Tells what is wrong with a CONNECT that mqtt-packet took, and how the client is to hear of it. */
function connectFault({ packet, _pos }: InnerParser): { why: string; answer?: Buffer } | undefined {
  const { protocolId = '', protocolVersion = 0, bridgeMode, username, password, will, clientId, clean } = packet;
  const version5 = protocolVersion === 5 && protocolId === 'MQTT';
  if (bridgeMode || (!version5 && LEVEL_OF[protocolId] !== protocolVersion))
    return { why: 'protocol name and level do not fit', answer: CONNACK_WRONG_LEVEL };
  // [MQTT-3.1.2-22]; MQTT 5 dropped the rule
  if (!version5 && password !== undefined && username === undefined) return { why: 'password without user name' };
  if (will && will.qos > 2) return { why: 'a will with QoS 3' }; // [MQTT-3.1.2-14]
  if (will && /[+#]/.test(will.topic)) return { why: 'a will on a wildcard' }; // [MQTT-3.3.2-2]
  if (_pos !== packet.length) return { why: 'bytes after the payload of CONNECT' };
  // [MQTT-3.1.3-8]; MQTT 3.1 has no empty client id at all, MQTT 5 gives one
  if (version5) return undefined;
  if (clientId === '' && (!clean || protocolVersion === 3))
    return { why: 'an empty client id', answer: CONNACK_WRONG_ID };
  return undefined;
}
