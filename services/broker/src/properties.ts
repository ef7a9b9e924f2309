import { isUtf8 } from 'node:buffer';

/** Properties that a client may send, by what they are called in mqtt-packet. */
export interface Properties {
  sessionExpiryInterval?: number;
  receiveMaximum?: number;
  maximumPacketSize?: number;
  topicAlias?: number;
  authenticationMethod?: string;
  authenticationData?: Buffer;
  responseTopic?: string;
  subscriptionIdentifier?: number;
}
type Kind = 'flag' | 'int16' | 'int32' | 'var' | 'string' | 'binary' | 'pair';
interface Property {
  name: string;
  kind: Kind;
  in: readonly string[];
  /** 0 is a protocol error. */
  isPositive?: true;
}
const MESSAGE = ['publish', 'will'] as const;
const ANSWERS = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const;
/** MQTT 5 table 2-4; what only servers send belongs in no packet of a client. */
const PROPERTIES: Record<number, Property | undefined> = {
  0x01: { name: 'payloadFormatIndicator', kind: 'flag', in: MESSAGE },
  0x02: { name: 'messageExpiryInterval', kind: 'int32', in: MESSAGE },
  0x03: { name: 'contentType', kind: 'string', in: MESSAGE },
  0x08: { name: 'responseTopic', kind: 'string', in: MESSAGE },
  0x09: { name: 'correlationData', kind: 'binary', in: MESSAGE },
  0x0b: { name: 'subscriptionIdentifier', kind: 'var', in: ['subscribe'], isPositive: true },
  0x11: { name: 'sessionExpiryInterval', kind: 'int32', in: ['connect', 'disconnect'] },
  0x15: { name: 'authenticationMethod', kind: 'string', in: ['connect'] },
  0x16: { name: 'authenticationData', kind: 'binary', in: ['connect'] },
  0x17: { name: 'requestProblemInformation', kind: 'flag', in: ['connect'] },
  0x18: { name: 'willDelayInterval', kind: 'int32', in: ['will'] },
  0x19: { name: 'requestResponseInformation', kind: 'flag', in: ['connect'] },
  0x1f: { name: 'reasonString', kind: 'string', in: [...ANSWERS, 'disconnect'] },
  0x21: { name: 'receiveMaximum', kind: 'int16', in: ['connect'], isPositive: true },
  0x22: { name: 'topicAliasMaximum', kind: 'int16', in: ['connect'] },
  0x23: { name: 'topicAlias', kind: 'int16', in: ['publish'] },
  0x26: {
    name: 'userProperties',
    kind: 'pair',
    in: [...MESSAGE, ...ANSWERS, 'connect', 'subscribe', 'unsubscribe', 'disconnect'],
  },
  0x27: { name: 'maximumPacketSize', kind: 'int32', in: ['connect'], isPositive: true },
  0x12: { name: 'assignedClientIdentifier', kind: 'string', in: [] },
  0x13: { name: 'serverKeepAlive', kind: 'int16', in: [] },
  0x1a: { name: 'responseInformation', kind: 'string', in: [] },
  0x1c: { name: 'serverReference', kind: 'string', in: [] },
  0x24: { name: 'maximumQoS', kind: 'flag', in: [] },
  0x25: { name: 'retainAvailable', kind: 'flag', in: [] },
  0x28: { name: 'wildcardSubscriptionAvailable', kind: 'flag', in: [] },
  0x29: { name: 'subscriptionIdentifiersAvailable', kind: 'flag', in: [] },
  0x2a: { name: 'sharedSubscriptionAvailable', kind: 'flag', in: [] },
};

export type ReadProperties =
  | { ok: true; properties: Properties; end: number }
  /** Not malformed but against the protocol when `isMalformed` is false (MQTT 5 §2.2.2.2). */
  | { ok: false; why: string; isMalformed: boolean };

/**
 * Reads the properties that begin at `start`, strictly: mqtt-packet takes any property in any packet, twice, cut off, and
 * with values out of range. User properties are checked and forgotten, for nobody here reads them.
 */
export function readProperties(bytes: Buffer, start: number, packet: string): ReadProperties {
  const length = readVariable(bytes, start);
  if (!length || length.end + length.value > bytes.length) return malformed('properties that are cut off');
  const end = length.end + length.value;
  const block = bytes.subarray(0, end);
  const properties: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (let at = length.end; at < end;) {
    const property = PROPERTIES[block[at]!];
    if (!property) return malformed('a property that does not exist');
    const { name, kind, isPositive } = property;
    const read = READERS[kind](block, at + 1);
    if (!read || read.end > end) return malformed(`${name} is cut off`);
    if (!property.in.includes(packet)) return { ok: false, why: `${name} does not belong there`, isMalformed: false };
    if (name in properties) return { ok: false, why: `${name} twice`, isMalformed: false };
    if ((isPositive && read.value === 0) || (kind === 'flag' && (read.value as number) > 1))
      return { ok: false, why: `${name} is out of range`, isMalformed: false };
    if (kind !== 'pair') properties[name] = read.value;
    at = read.end;
  }
  return { ok: true, properties, end };
}

const malformed = (why: string): ReadProperties => ({ ok: false, why, isMalformed: true });

interface Read {
  value: unknown;
  end: number;
}
const READERS: Record<Kind, (bytes: Buffer, at: number) => Read | undefined> = {
  flag: (bytes, at) => ({ value: bytes[at], end: at + 1 }),
  int16: (bytes, at) => (at + 2 > bytes.length ? undefined : { value: bytes.readUInt16BE(at), end: at + 2 }),
  int32: (bytes, at) => (at + 4 > bytes.length ? undefined : { value: bytes.readUInt32BE(at), end: at + 4 }),
  var: readVariable,
  binary: readBinary,
  string: readText,
  pair(bytes, at) {
    const name = readText(bytes, at);
    return name && readText(bytes, name.end);
  },
};

function readVariable(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4 && at + index < bytes.length; index++) {
    const byte = bytes[at + index]!;
    value += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}

function readBinary(bytes: Buffer, at: number): { value: Buffer; end: number } | undefined {
  if (at + 2 > bytes.length) return undefined;
  const end = at + 2 + bytes.readUInt16BE(at);
  return end > bytes.length ? undefined : { value: bytes.subarray(at + 2, end), end };
}

function readText(bytes: Buffer, at: number): Read | undefined {
  const read = readBinary(bytes, at);
  // [MQTT-1.5.4-1], [MQTT-1.5.4-2]
  if (!read || !isUtf8(read.value) || read.value.includes(0)) return undefined;
  return { value: read.value.toString(), end: read.end };
}
