import type { Session } from './access.ts';
import type { InnerClient } from './inside.ts';
import type { Say } from './outgoing.ts';
import type { Publish, Publishing } from './publishing.ts';

/*
 * Nearly all that a broker of sensors gets is PUBLISH of QoS 1 by MQTT 3.1.1, and the engine spends more on each of them
 * than all the rest takes together: its parser, a queue of handlers, and a packet for the answer. So those that are
 * beyond doubt are read here by their bytes, stored together, and answered with one write. Whatever is unusual in any
 * way (another packet, another version, a wild topic, something to deny) is left to the engine, from its first byte.
 */

const PUBLISH_QOS_1 = 0x32;
const DUP = 0x08;
const PUBACK = 0x40;
/** A remaining length of at most two bytes: frames below 16 KiB. */
const MOST_LENGTH_BYTES = 2;
const SLASH = 0x2f;
const HASH = 0x23;
const PLUS = 0x2b;

export interface LaneDeps {
  publishing: Pick<Publishing, 'deny' | 'store'>;
  /** Whose connection it is; undefined before the login and for clients that the lane is not for. */
  session(): Session | undefined;
  limitBytes(): number | undefined;
  maxTopicLevels: number;
  say: Say;
}

/** Puts the lane in front of a connection's parser; the guards of the engine stay behind it. */
export function openFastLane(client: InnerClient, deps: LaneDeps): void {
  const parser = client._parser;
  const reader = createReader(deps.maxTopicLevels);
  const parse = parser.parse.bind(parser);
  let rest: Buffer | undefined;

  const send = (session: Session, publishes: readonly [Publish, ...Publish[]]): void => {
    // the engine reads on from a connection when what it took from it is done: so this counts as one packet
    client._parsingBatch++;
    if (client._keepaliveInterval > 0) client._keepaliveTimer?.refresh();
    void deps.publishing.store(session, publishes).then(
      () => {
        deps.say(acknowledge(publishes));
        client._nextBatch();
      },
      (thrown: Error) => client._nextBatch(thrown),
    );
  };
  /** Takes what it can from the front, and gives where the engine has to go on. */
  const take = (session: Session, bytes: Buffer): number => {
    const publishes: Publish[] = [];
    let at = 0;
    for (let end = reader.end(bytes, at); end > at && end <= bytes.length; end = reader.end(bytes, at)) {
      if (end - at > (deps.limitBytes() ?? 0)) break;
      const publish = reader.read(bytes, at, end);
      if (!publish || deps.publishing.deny(session, publish)) break;
      publishes.push(publish);
      at = end;
    }
    const [first, ...others] = publishes;
    if (first) send(session, [first, ...others]);
    return at;
  };
  parser.parse = (chunk) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    const session = isBetweenFrames(client) ? deps.session() : undefined;
    if (!session) return parse(bytes);
    const left = bytes.subarray(take(session, bytes));
    const end = reader.end(left, 0);
    // the rest of a frame comes with the next chunk, if it is one that may be as long as it says
    if (left.length > 0 && end > left.length && end <= (deps.limitBytes() ?? 0)) rest = left;
    return left.length === 0 || rest ? 0 : parse(left);
  };
}

/** The engine holds no part of a frame, and nothing that came before its CONNACK. */
function isBetweenFrames({ _parser: { packet, error, _list, _queue } }: InnerClient): boolean {
  return _queue === null && packet.length === -1 && error === null && _list.length === 0;
}

function acknowledge(publishes: readonly Publish[]): Buffer {
  const answer = Buffer.allocUnsafe(publishes.length * 4);
  let at = 0;
  for (const { messageId = 0 } of publishes) {
    answer[at] = PUBACK;
    answer[at + 1] = 2;
    answer.writeUInt16BE(messageId, at + 2);
    at += 4;
  }
  return answer;
}

/** Reads PUBLISH frames of QoS 1; a connection's topics repeat, so the last one is kept. */
function createReader(maxTopicLevels: number) {
  let topic = '';
  let topicBytes: Buffer = Buffer.alloc(0);
  const head = (bytes: Buffer, at: number): number => {
    let scale = 1;
    let length = 0;
    for (let i = 1; i <= MOST_LENGTH_BYTES; i++) {
      const byte = bytes[at + i];
      if (byte === undefined) return -1;
      length += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return length * 4 + i;
    }
    return -1;
  };
  return {
    /** Where the frame that begins at an index ends; -1 when it is none for this lane, or not yet known. */
    end(bytes: Buffer, at: number): number {
      if (at >= bytes.length || (bytes[at]! & ~DUP) !== PUBLISH_QOS_1) return -1;
      const read = head(bytes, at);
      return read < 0 ? -1 : at + 1 + (read & 3) + (read >> 2);
    },
    /** Reads a whole frame; undefined when the engine has to look at it. */
    read(bytes: Buffer, start: number, end: number): Publish | undefined {
      const topicAt = start + 1 + (head(bytes, start) & 3) + 2;
      if (topicAt > end) return undefined;
      const topicEnd = topicAt + bytes.readUInt16BE(topicAt - 2);
      if (topicEnd + 2 > end) return undefined;
      if (topicBytes.length !== topicEnd - topicAt || topicBytes.compare(bytes, topicAt, topicEnd) !== 0) {
        if (!isPlainTopic(bytes, topicAt, topicEnd, maxTopicLevels)) return undefined;
        topicBytes = Buffer.from(bytes.subarray(topicAt, topicEnd));
        topic = topicBytes.toString('latin1');
      }
      const messageId = bytes.readUInt16BE(topicEnd);
      if (messageId === 0) return undefined;
      const dup = (bytes[start]! & DUP) !== 0;
      return { topic, payload: bytes.subarray(topicEnd + 2, end), qos: 1, retain: false, dup, messageId };
    },
  };
}

/** Printable ASCII without wildcards. */
function isPlainTopic(bytes: Buffer, from: number, to: number, maxLevels: number): boolean {
  let levels = 1;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte > 0x7e || byte === HASH || byte === PLUS) return false;
    if (byte === SLASH) levels++;
  }
  return to > from && levels <= maxLevels;
}
