import type { AedesOptions } from 'aedes';
import { INTEGRATION_PREFIX } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Logger } from '@ronde/kit';
import { maySubscribe, type Will } from './access.ts';
import { inner, type InnerClient } from './inside.ts';
import type { FlapGuard } from './limits.ts';
import { certifiedNames } from './listeners.ts';
import { CONNACK, type Login, type LoginResult } from './login.ts';
import type { BrokerMetrics } from './metrics.ts';
import type { InFlight, Publish, Publishing } from './publishing.ts';
import type { Sessions } from './sessions.ts';

export interface HookDeps {
  inbox: Pick<Inbox, 'stats'>;
  login: Login;
  publishing: Publishing;
  sessions: Sessions;
  flaps: FlapGuard;
  metrics: BrokerMetrics;
  log: Logger;
  keepaliveLimitS: number;
  /** Tells whether a client id is connected already. */
  isConnected(clientId: string): boolean;
  /** Tells the present connection of a client id that it is taken over. */
  tellTakenOver(clientId: string): void;
}
export type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>;

/** Makes the four hooks through which Aedes asks us. */
export function createHooks(deps: HookDeps, inFlight: InFlight): Hooks {
  const { publishing } = deps;
  return {
    preConnect(_client, packet, callback) {
      // no keep alive at all would hold dead connections for ever; the longest one we grant does the same honestly
      const connect = packet as { keepalive?: number };
      connect.keepalive ||= deps.keepaliveLimitS;
      callback(null, !inFlight.stopping);
    },
    authenticate(client, username, password, callback) {
      void authenticate(deps, inner(client), username, password)
        .then((result) => {
          deps.metrics.logins.inc({ code: result.ok ? '0' : String(result.returnCode) });
          if (result.ok) return callback(null, true);
          deps.log.debug({ username, reason: result.reason }, 'broker.login.refuse');
          callback(Object.assign(new Error(result.reason), { returnCode: result.returnCode as number }), false);
        })
        .catch((thrown: unknown) => deps.log.error({ err: thrown }, 'broker.login.break'));
    },
    authorizePublish(client, packet, callback) {
      const session = client ? deps.sessions.of(inner(client)) : undefined;
      const publish = packet as Publish;
      const denial = publishing.deny(session, publish);
      if (denial || !session) return callback(publishing.refuse(denial ?? 'no-session'));
      // Aedes sends PUBACK right after this hook calls back: so not before the commit
      void publishing
        .store(session, [publish])
        .then(() => callback(null), callback)
        .catch((thrown: unknown) => deps.log.error({ err: thrown }, 'broker.publish.break'));
    },
    authorizeSubscribe(client, subscription, callback) {
      const session = deps.sessions.of(inner(client));
      if (session && maySubscribe(session, subscription.topic)) return callback(null, subscription);
      deps.metrics.denials.inc({ what: 'subscribe', reason: 'topic-foreign' });
      callback(null, null); // SUBACK 0x80
    },
  };
}

async function authenticate(
  deps: HookDeps,
  client: InnerClient,
  username: string | undefined,
  password: Buffer | undefined,
): Promise<LoginResult> {
  const certified = certifiedNames(client.conn);
  deps.sessions.trying(client, keyOf(username ?? (certified ? client.id : '')));
  if (deps.inbox.stats().fault !== undefined)
    return { ok: false, returnCode: CONNACK.unavailable, reason: 'nothing can be stored' };
  const result = await deps.login.attempt({
    clientId: client.id,
    username,
    password,
    clean: client.clean,
    will: client._will as Will | undefined,
    certified,
  });
  if (!result.ok || client.closed) return result;
  const { session } = result;
  // integrations choose any client id: a name space of their own keeps them from taking over a device's connection
  if (session.kind === 'integration') client.id = `${INTEGRATION_PREFIX}${session.id}:${client.id}`;
  if (deps.flaps.isBanned(client.id))
    return { ok: false, returnCode: CONNACK.unavailable, reason: 'too many takeovers' };
  if (deps.isConnected(client.id)) {
    deps.flaps.takenOver(client.id);
    deps.tellTakenOver(client.id);
  }
  deps.sessions.open(client, session);
  return result;
}

/** Names a credential by its user name. */
export function keyOf(username: string): string {
  return username.startsWith(INTEGRATION_PREFIX) ? username : `device:${username}`;
}
