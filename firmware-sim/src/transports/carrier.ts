import type { Source } from '@ronde/contracts';
import type { Posting } from '../devices/engine.ts';

/** How a simulation signs in: network servers as integrations, own devices each with its secret. */
export interface SimCredentials {
  integrations: Partial<Record<Source, { id: string; secret: string }>>;
  /** Secret by device id. */
  devices: Record<string, string>;
}

/** Takes messages to a platform. */
export interface Carrier {
  /** Hands a message over; order is kept for each device. */
  send(posting: Posting): void;
  /** Resolves when fewer messages than the limit wait for an acknowledgement; undefined when that is so already. */
  room(): Promise<void> | undefined;
  /** Resolves when everything is acknowledged or given up. */
  drained(): Promise<void>;
  /** Resolves when connected; rejects when the platform refuses the credentials or does not answer in time. */
  ready(timeoutMs: number): Promise<void>;
  stats(): CarrierStats;
  close(): Promise<void>;
}

export interface CarrierStats {
  acked: number;
  /** Given up: refused, or no connection for too long. */
  failed: number;
  waiting: number;
  connections: number;
  connected: number;
}

/** Counts what is under way, and lets others wait for room. */
export function createWindow(limit: number): {
  begin(): void;
  end(): void;
  waiting(): number;
  below(count: number): Promise<void>;
  room(): Promise<void> | undefined;
} {
  let waiting = 0;
  let waiters: { count: number; go: () => void }[] = [];
  const below = (count: number): Promise<void> =>
    waiting < count ? Promise.resolve() : new Promise((go) => waiters.push({ count, go }));
  return {
    begin: () => void (waiting += 1),
    end() {
      waiting -= 1;
      if (waiters.length === 0) return;
      const ready = waiters.filter(({ count }) => waiting < count);
      waiters = waiters.filter(({ count }) => waiting >= count);
      for (const { go } of ready) go();
    },
    waiting: () => waiting,
    below,
    room: () => (waiting < limit ? undefined : below(limit)),
  };
}
