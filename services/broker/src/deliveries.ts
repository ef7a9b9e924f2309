import type { Duplex } from 'node:stream';

/** What a client may answer to a message that is on its way to it. */
type Answer = 'puback' | 'pubrec' | 'pubcomp';
const PUBLISH = 3;
const PUBREL = 6;

/** Messages of one connection between their PUBLISH and the client's last acknowledgement. */
export interface Deliveries {
  /** Takes bytes that go to the client, in any pieces, before they are written. */
  sent(piece: Piece): void;
  /** Takes an acknowledgement. False when it is of the wrong kind [MQTT-4.3.2-1], [MQTT-4.3.3-1]: close the connection. */
  answered(answer: string, packetId: number): boolean;
  readonly waiting: number;
}

/**
 * Keeps account of what was sent and not acknowledged, which Aedes does not for connections without a kept session. It reads
 * packet ids from the bytes on their way out: nothing else of Aedes tells of each message that leaves.
 */
export function createDeliveries(taken: () => void = () => undefined): Deliveries {
  const open = new Map<number, Answer>();
  const frames = splitFrames(new Set([PUBLISH, PUBREL]), (first, body) => {
    const type = first >> 4;
    const qos = (first >> 1) & 3;
    if (type === PUBREL) open.set(body.readUInt16BE(0), 'pubcomp');
    if (type === PUBLISH && qos > 0)
      open.set(body.readUInt16BE(2 + body.readUInt16BE(0)), qos === 1 ? 'puback' : 'pubrec');
  });
  return {
    sent: frames,
    answered(answer, packetId) {
      const wanted = open.get(packetId);
      // one of an earlier connection, or twice: no harm, and nobody's message
      if (wanted === undefined) return true;
      // PUBREC comes again when PUBREL got lost
      if (wanted === 'pubcomp' && answer === 'pubrec') return true;
      if (wanted !== answer) return false;
      if (answer === 'pubrec') return true;
      open.delete(packetId);
      taken();
      return true;
    },
    get waiting() {
      return open.size;
    },
  };
}

type Piece = string | Uint8Array;

/** Reads frames from pieces of any size, for mqtt-packet writes a frame in several; bodies are put together for some only. */
function splitFrames(wanted: Set<number>, onFrame: (first: number, body: Buffer) => void): (piece: Piece) => void {
  let first = -1;
  let length = 0;
  let scale = 1;
  let missing = 0;
  let parts: Uint8Array[] = [];
  const end = (): void => {
    if (parts.length > 0) onFrame(first, Buffer.concat(parts));
    parts = [];
    first = -1;
  };
  const takeHead = (byte: number): void => {
    if (first === -1) [first, length, scale] = [byte, 0, 1];
    else {
      length += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80 && (missing = length) === 0) end();
    }
  };
  return (piece) => {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    let at = 0;
    while (at < bytes.length) {
      if (missing === 0) {
        takeHead(bytes[at++]!);
        continue;
      }
      const until = Math.min(bytes.length, at + missing);
      if (wanted.has(first >> 4)) parts.push(bytes.subarray(at, until));
      missing -= until - at;
      at = until;
      if (missing === 0) end();
    }
  };
}

/** Lets the account see everything that is written to a connection. */
export function watchWrites(conn: Duplex, deliveries: Deliveries): void {
  const write = conn.write.bind(conn) as (...args: unknown[]) => boolean;
  conn.write = (...args: unknown[]): boolean => {
    deliveries.sent(args[0] as Piece);
    return write(...args);
  };
}
