import { isAscii, isUtf8 } from 'node:buffer';
import type { InnerParser } from './inside.ts';

const BEFORE_CONNECT_BYTES = 4 * 1024;
/** What a client may send, with the length of its frame where the protocol fixes one. */
const FIXED_LENGTH: Record<string, number | undefined> = { pingreq: 0, disconnect: 0, puback: 2 };
const LEAST_LENGTH: Record<string, number | undefined> = { subscribe: 6, unsubscribe: 5, publish: 3 };
const KNOWN = new Set(['connect', 'publish', 'subscribe', 'unsubscribe', 'pingreq', 'disconnect', 'puback']);
// [MQTT-1.5.3-2] and the characters the note after it advises against; surrogates cannot come out of valid UTF-8
// eslint-disable-next-line no-control-regex -- exactly those are meant
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/;

/**
 * Makes a connection's parser refuse what mqtt-packet lets through: frames of any length (it has no limit and buffers
 * them, also before login), strings that are not UTF-8 or carry control characters, and malformed frames.
 * Every refusal is the parser's error, which closes the connection at once.
 * @param limitBytes the largest frame after CONNECT, asked at each frame
 */
export function guardFrames(parser: InnerParser, limitBytes: () => number | undefined): void {
  const base = Object.getPrototypeOf(parser) as InnerParser;
  let connected = false;
  const fail = (message: string): false => {
    parser._emitError(new Error(message));
    return false;
  };
  parser._parseHeader = () => {
    if (!base._parseHeader.call(parser)) return false;
    const { cmd = '', dup, qos } = parser.packet;
    if (!KNOWN.has(cmd)) return fail('clients do not send this kind of packet');
    if ((cmd === 'connect') === connected) return fail('CONNECT comes once, and first'); // [MQTT-3.1.0-1], [MQTT-3.1.0-2]
    if (cmd === 'publish' && dup && qos === 0) return fail('DUP with QoS 0'); // [MQTT-3.3.1-2]
    return true;
  };
  parser._parseLength = () => {
    if (!base._parseLength.call(parser)) return false;
    const { cmd = '', length } = parser.packet;
    if (length > (connected ? (limitBytes() ?? BEFORE_CONNECT_BYTES) : BEFORE_CONNECT_BYTES))
      return fail('frame too large');
    if (length !== (FIXED_LENGTH[cmd] ?? length) || length < (LEAST_LENGTH[cmd] ?? 0)) return fail('malformed length');
    return true;
  };
  parser._parseMessageId = () => {
    if (!base._parseMessageId.call(parser)) return false;
    const id = parser.packet.messageId ?? 0;
    return id > 0 || fail('packet id 0'); // [MQTT-2.3.1-1]; -1 is a frame that ends before it
  };
  parser._parseString = () => {
    const start = parser._pos + 2;
    const text = base._parseString.call(parser);
    if (text === null) return null;
    const bytes = parser._list.slice(start, parser._pos);
    if (isAscii(bytes) || isUtf8(bytes)) return UNWANTED.test(text) ? null : text;
    return null;
  };
  parser._parseConnect = () => {
    const packet = base._parseConnect.call(parser);
    connected = true;
    const { protocolId, protocolVersion, bridgeMode, username, password, length } = parser.packet;
    if (!packet) return packet;
    if (bridgeMode || (protocolId === 'MQIsdp') !== (protocolVersion === 3))
      return fail('protocol name and level do not fit');
    if (password !== undefined && username === undefined) return fail('password without user name'); // [MQTT-3.1.2-22]
    if (parser._pos !== length) return fail('bytes after the payload of CONNECT');
    return packet;
  };
}
