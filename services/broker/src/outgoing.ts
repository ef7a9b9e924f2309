import type { Duplex } from 'node:stream';
import type { Deliveries } from './deliveries.ts';
import type { Mqtt5 } from './mqtt5.ts';

const PUBLISH = 3;
const PUBREL = 6;

/** Writes to a client past what stands between the engine and its connection. */
export type Say = (bytes: Buffer) => void;

/** Stands between the engine and a connection: accounts for what is sent, and says it in the client's version of MQTT. */
export function guardWrites(conn: Duplex, deliveries: Deliveries, mqtt5: Mqtt5): Say {
  const write = conn.write.bind(conn) as (...args: unknown[]) => boolean;
  const watch = splitFrames((type) => type === PUBLISH || type === PUBREL, deliveries.sent);
  const translate = splitFrames(
    () => true,
    (first, body) => {
      const bytes = mqtt5.toClient(first, body);
      if (bytes === undefined) return;
      deliveries.sent(first, body);
      write(bytes);
    },
  );
  conn.write = (...args: unknown[]): boolean => {
    (mqtt5.isSpoken() ? translate : watch)(args[0] as Piece);
    return mqtt5.isSpoken() || write(...args);
  };
  return (bytes) => {
    if (conn.destroyed) return;
    // before the connection is destroyed in this turn, not after it
    while (conn.writableCorked > 0) conn.uncork();
    write(bytes);
  };
}

type Piece = string | Uint8Array;

/** Reads frames from pieces of any size, for mqtt-packet writes a frame in several; bodies are put together for those that are wanted. */
function splitFrames(
  isWanted: (type: number) => boolean,
  onFrame: (first: number, body: Buffer) => void,
): (piece: Piece) => void {
  let first = -1;
  let length = 0;
  let scale = 1;
  let missing = 0;
  let parts: Uint8Array[] = [];
  const end = (): void => {
    if (isWanted(first >> 4)) onFrame(first, Buffer.concat(parts));
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
      if (isWanted(first >> 4)) parts.push(bytes.subarray(at, until));
      missing -= until - at;
      at = until;
      if (missing === 0) end();
    }
  };
}
