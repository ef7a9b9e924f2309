import type { Duplex } from 'node:stream';

/**
 * Keeps a client that does not read from stopping others. Aedes waits for `drain` when a write reports a full buffer,
 * and its emitter waits for every delivery: one frozen subscriber holds up all acknowledgements. So writes never
 * report a full buffer, and a connection with too much unsent is cut.
 */
export function boundWrites(conn: Duplex, maxBytes: number, onCut: () => void): void {
  const write = conn.write.bind(conn) as (...args: unknown[]) => boolean;
  conn.write = (...args: unknown[]): boolean => {
    write(...args);
    if (conn.writableLength > maxBytes && !conn.destroyed) {
      onCut();
      conn.destroy();
    }
    return true;
  };
}
