import { CLOSE_SLOW } from '@ronde/contracts';
import type { WebSocket } from '@ronde/kit';

/** Above this much unsent, a client gets no deltas until it drains. */
export const CONGESTED_BYTES = 256 * 1024;
/** Below this much unsent, a client that was congested gets its fresh snapshot. */
const DRAINED_BYTES = 64 * 1024;
/** Above this much unsent (beside a snapshot on its way), a client is closed. */
const OVERFLOW_BYTES = 1024 * 1024;

/** The sending side of one client, which never queues without bound. */
export interface Outlet {
  readonly open: boolean;
  readonly congested: boolean;
  readonly drained: boolean;
  /** Sends a small frame; closes the client (1013) when too much lies unsent. */
  send(frame: Buffer | string): void;
  /** Sends a snapshot, whose size does not count as slowness while it is on its way. */
  sendSnapshot(frame: Buffer): void;
}

/** Creates the outlet of a socket. */
export function createOutlet(socket: WebSocket): Outlet {
  let allowance = 0;
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  const unsent = (): number => {
    const bytes = socket.bufferedAmount;
    if (bytes < DRAINED_BYTES) allowance = 0;
    return bytes;
  };
  const send = (frame: Buffer | string): void => {
    if (!isOpen()) return;
    if (unsent() > OVERFLOW_BYTES + allowance) return socket.close(CLOSE_SLOW, 'too slow');
    socket.send(frame, { binary: false });
  };
  return {
    get open() {
      return isOpen();
    },
    get congested() {
      return unsent() > CONGESTED_BYTES;
    },
    get drained() {
      return unsent() <= DRAINED_BYTES;
    },
    send,
    sendSnapshot(frame) {
      send(frame);
      allowance += frame.length;
    },
  };
}
