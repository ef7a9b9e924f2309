import type { Session } from './access.ts';
import type { InnerClient } from './inside.ts';

/** Connections by credential, from the moment they try to log in: a renewed secret must reach those in between too. */
export interface Sessions {
  trying(client: InnerClient, key: string): void;
  open(client: InnerClient, session: Session): void;
  of(client: InnerClient): Session | undefined;
  ended(client: InnerClient): void;
  /** Connections of a credential whose session does not carry the given hash. */
  stale(key: string, secretHash: string | undefined): InnerClient[];
  has(key: string): boolean;
  /** Connections of a credential. */
  connections(key: string): InnerClient[];
}

export function createSessions(): Sessions {
  const byKey = new Map<string, Set<InnerClient>>();
  const keys = new Map<InnerClient, string>();
  const sessions = new WeakMap<InnerClient, Session>();
  return {
    trying(client, key) {
      keys.set(client, key);
      byKey.set(key, (byKey.get(key) ?? new Set()).add(client));
    },
    open: (client, session) => void sessions.set(client, session),
    of: (client) => sessions.get(client),
    ended(client) {
      const key = keys.get(client);
      keys.delete(client);
      const clients = key === undefined ? undefined : byKey.get(key);
      if (clients?.delete(client) && clients.size === 0) byKey.delete(key!);
    },
    // a login under way has no session yet and so counts as stale
    stale: (key, secretHash) =>
      [...(byKey.get(key) ?? [])].filter(
        (client) => secretHash === undefined || sessions.get(client)?.secretHash !== secretHash,
      ),
    has: (key) => byKey.has(key),
    connections: (key) => [...(byKey.get(key) ?? [])],
  };
}
