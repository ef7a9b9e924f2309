/** Largest payload that is taken whole, as from integrations on the embedded broker. */
export const PAYLOAD_LIMIT_BYTES = 64 * 1024;
/** Largest packet that is handed on whole: a full payload, and generous room for topic and properties. */
const WHOLE_PACKET_BYTES = PAYLOAD_LIMIT_BYTES + 32 * 1024;
/** How much of a longer one is kept, to acknowledge it and to tell what it was. */
const HEAD_BYTES = 16 * 1024;
const PUBLISH = 3;
const MOST_LENGTH_BYTES = 4;

export interface FramingOptions {
  /** Takes one or more complete packets, one after the other. */
  onPackets(bytes: Buffer): void;
  /** Takes the start of a PUBLISH that is too long to be kept; what follows of it is skipped. */
  onHead(head: Buffer, totalBytes: number): void;
}

/** Cuts the stream of a connection into whole packets, with bounded memory whatever the other side sends. */
export interface Framing {
  /** @throws Error when the bytes are no MQTT, or a packet other than a PUBLISH is too long */
  push(chunk: Buffer): void;
}

/**
 * Makes the framing. mqtt-packet collects a packet of any announced length before it tells of it: a broker gone wrong could
 * fill our memory with a single header.
 */
export function createFraming({ onPackets, onHead }: FramingOptions): Framing {
  let rest: Buffer | undefined;
  let skipBytes = 0;

  return {
    push(chunk) {
      let bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
      rest = undefined;
      const skipped = Math.min(skipBytes, bytes.length);
      skipBytes -= skipped;
      if (skipped > 0) bytes = bytes.subarray(skipped);
      let at = 0;
      let wholeFrom = 0;
      const handOn = (until: number): void => {
        if (until > wholeFrom) onPackets(bytes.subarray(wholeFrom, until));
      };
      while (at < bytes.length) {
        const length = lengthOf(bytes, at);
        if (length === undefined) break;
        const end = at + length.headerBytes + length.bodyBytes;
        if (end - at <= WHOLE_PACKET_BYTES) {
          if (end > bytes.length) break;
          at = end;
          continue;
        }
        if (bytes[at]! >> 4 !== PUBLISH) throw new Error(`a packet of ${end - at} bytes is no message`);
        if (bytes.length - at < HEAD_BYTES) break;
        handOn(at);
        onHead(bytes.subarray(at, at + HEAD_BYTES), length.bodyBytes);
        skipBytes = Math.max(0, end - bytes.length);
        at = Math.min(end, bytes.length);
        wholeFrom = at;
      }
      handOn(at);
      // a copy: the slice would keep the whole chunk of the socket alive
      if (at < bytes.length) rest = Buffer.from(bytes.subarray(at));
    },
  };
}

/** Reads the fixed header's remaining length [MQTT-2.2.3]; undefined while it is not complete. */
function lengthOf(bytes: Buffer, at: number): { headerBytes: number; bodyBytes: number } | undefined {
  let bodyBytes = 0;
  for (let index = 0; index < MOST_LENGTH_BYTES; index++) {
    const byte = bytes[at + 1 + index];
    if (byte === undefined) return undefined;
    bodyBytes += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return { headerBytes: index + 2, bodyBytes };
  }
  throw new Error('the length of a packet has more than four bytes');
}

/** What can be told of a message by its start. */
export interface MessageHead {
  topic: string;
  qos: number;
  retain: boolean;
  dup: boolean;
  messageId: number | undefined;
  payload: Buffer;
  payloadBytes: number;
}

/** Reads the start of a PUBLISH. @throws RangeError when even topic and properties do not fit into it */
export function readHead(head: Buffer, bodyBytes: number, version: 4 | 5): MessageHead {
  const flags = head[0]! & 0x0f;
  const qos = (flags >> 1) & 3;
  const bodyAt = lengthOf(head, 0)!.headerBytes;
  const topicBytes = head.readUInt16BE(bodyAt);
  let at = bodyAt + 2 + topicBytes;
  const topic = head.toString('utf8', bodyAt + 2, at);
  let messageId: number | undefined;
  if (qos > 0) {
    messageId = head.readUInt16BE(at);
    at += 2;
  }
  if (version === 5) {
    // the properties' length has the form of the remaining length
    const properties = lengthOf(head, at - 1);
    if (!properties) throw new RangeError('the properties of a message have no end');
    at += properties.headerBytes - 1 + properties.bodyBytes;
  }
  if (at > head.length) throw new RangeError('topic and properties of a message are too long');
  return {
    topic,
    qos,
    retain: (flags & 1) !== 0,
    dup: (flags & 8) !== 0,
    messageId,
    payload: head.subarray(at),
    payloadBytes: bodyBytes - (at - bodyAt),
  };
}
