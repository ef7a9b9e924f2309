import type { Logger } from '@ronde/kit';
import type { Lease, Leases } from '@ronde/registry';
import type { Follower } from './follower.ts';

export interface SessionKeeperOptions {
  clientId: string;
  /** Whose sessions these are: what is adopted is followed as this one is. */
  group: string;
  /** Any worker may have this session, one at a time; otherwise it is this worker's own, which has the better right. */
  isShared: boolean;
  /** Takes over sessions of workers that are gone: the broker still puts messages into them. */
  adopts?: boolean | undefined;
  leases: Leases | undefined;
  log: Logger;
  open(clientId: string, how: OpenAs): { name: string; follower: Follower };
  onClosed(name: string): void;
}

export interface OpenAs {
  isAdopted: boolean;
  /** False once another process may have this session. */
  mayConnect(): boolean;
}

/** Decides which of the broker's sessions this process follows. */
export interface SessionKeeper {
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Kept {
  name: string;
  follower: Follower;
  lease: Lease | undefined;
}

const LOOK_EVERY_MS = 2_000;

/**
 * A broker puts messages of a shared subscription into the sessions of workers that are away, too: MQTT lets it, and
 * Mosquitto does. So a session whose worker is gone is followed by another one under the same client id, which gets all that
 * was not acknowledged with its old packet ids, until its owner is back. Without leases there is one process and no question.
 */
export function createSessionKeeper(options: SessionKeeperOptions): SessionKeeper {
  const { clientId, group, isShared, adopts, leases, log } = options;
  const prefix = `mqtt-session/${group}/`;
  const kept = new Map<string, Kept>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const open = (id: string, lease: Lease | undefined): void => {
    const mayConnect = (): boolean => lease?.isHeld() ?? true;
    kept.set(id, { ...options.open(id, { isAdopted: id !== clientId, mayConnect }), lease });
  };
  const close = async (id: string, how: 'stop' | 'abandon'): Promise<void> => {
    const one = kept.get(id);
    if (!one) return;
    kept.delete(id);
    await one.follower[how]();
    options.onClosed(one.name);
  };
  async function look(held: Leases): Promise<void> {
    for (const [id, { lease }] of [...kept]) {
      if (lease && !lease.isHeld()) {
        log.warn({ client_id: id }, 'ingest.bridge.session-overtaken');
        await close(id, 'abandon');
      }
    }
    if (!kept.has(clientId)) {
      const name = prefix + clientId;
      const lease = await (isShared ? held.take(name) : held.seize(name));
      if (lease) open(clientId, lease);
    }
    if (!adopts) return;
    for (const name of await held.orphans(prefix)) {
      const id = name.slice(prefix.length);
      const lease = kept.has(id) ? undefined : await held.take(name);
      if (!lease) continue;
      log.warn({ client_id: id }, 'ingest.bridge.session-adopt');
      open(id, lease);
    }
  }
  return {
    async start() {
      if (!leases) return open(clientId, undefined);
      await look(leases);
      timer = setInterval(() => {
        looking ??= look(leases)
          .catch((error: unknown) => log.warn({ err: error }, 'ingest.bridge.session-look'))
          .finally(() => (looking = undefined));
      }, LOOK_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await looking;
      for (const [id, { lease }] of [...kept]) {
        await close(id, 'stop');
        await lease?.release();
      }
    },
  };
}
