import type { AedesOptions } from 'aedes';
import { INTEGRATION_PREFIX, type Frame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Clock, Logger } from '@ronde/kit';
import { denyPublish, maySubscribe, type Denial, type Session, type Will } from './access.ts';
import { inner, type InnerClient } from './inside.ts';
import { createBucket, type FlapGuard } from './limits.ts';
import { certifiedNames } from './listeners.ts';
import { CONNACK, type Login, type LoginResult } from './login.ts';
import type { BrokerMetrics } from './metrics.ts';
import { REASON } from './mqtt5.ts';
import type { Sessions } from './sessions.ts';

export interface HookDeps {
  inbox: Inbox;
  login: Login;
  sessions: Sessions;
  flaps: FlapGuard;
  metrics: BrokerMetrics;
  clock: Clock;
  log: Logger;
  nowMs: () => number;
  keepaliveLimitS: number;
  ratePerS: number | undefined;
  /** Tells whether a client id is connected already. */
  isConnected(clientId: string): boolean;
  /** Tells the present connection of a client id that it is taken over. */
  tellTakenOver(clientId: string): void;
}
export type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>;

/** Counts publishes between arrival and acknowledgement, so that a stop can wait for them. */
export interface InFlight {
  count: number;
  stopping: boolean;
}

/** Makes the four hooks through which Aedes asks us. */
export function createHooks(deps: HookDeps, inFlight: InFlight): Hooks {
  const authorizePublish = publishHook(deps, inFlight);
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
    authorizePublish,
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

/** Why a message was denied, as a client of MQTT 5 reads it. */
const REASON_OF: Record<Denial, number> = {
  'system-topic': REASON.notAuthorised,
  'topic-foreign': REASON.notAuthorised,
  'no-session': REASON.notAuthorised,
  retain: REASON.retain,
  'qos-2': REASON.qos,
  'topic-characters': REASON.topic,
  'payload-size': REASON.size,
  'personal-data': REASON.payload,
  rate: REASON.rate,
  stopping: REASON.stopping,
};

function publishHook(deps: HookDeps, inFlight: InFlight): Hooks['authorizePublish'] {
  const { inbox, metrics, clock } = deps;
  const buckets = new WeakMap<Session, { take(): boolean }>();
  const overRate = (session: Session): boolean => {
    if (!deps.ratePerS || session.kind !== 'device') return false;
    const bucket = buckets.get(session) ?? createBucket(deps.ratePerS, deps.nowMs);
    buckets.set(session, bucket);
    return !bucket.take();
  };
  const deny = (reason: Denial, callback: (error: Error) => void): void => {
    metrics.publishes.inc({ outcome: 'denied' });
    metrics.denials.inc({ what: 'publish', reason });
    callback(Object.assign(new Error(`PUBLISH denied: ${reason}`), { reasonCode: REASON_OF[reason] }));
  };
  return (client, packet, callback) => {
    const session = client ? deps.sessions.of(inner(client)) : undefined;
    if (!session) return deny('no-session', callback);
    if (inFlight.stopping) return deny('stopping', callback);
    const publish = packet as typeof packet & { messageId?: number; payload: Buffer };
    const reason = denyPublish(session, publish) ?? (overRate(session) ? 'rate' : undefined);
    if (reason) return deny(reason, callback);
    const startedMs = deps.nowMs();
    inFlight.count += 1;
    // Aedes sends PUBACK right after this hook calls back: so not before the commit
    void inbox
      .append(frameOf(session, publish, clock.nowMs()))
      .then(
        () => {
          metrics.publishes.inc({ outcome: 'accepted' });
          metrics.commit.observe((deps.nowMs() - startedMs) / 1_000);
          callback(null);
        },
        (thrown: Error) => {
          metrics.publishes.inc({ outcome: 'unavailable' });
          callback(Object.assign(thrown, { reasonCode: REASON.busy }));
        },
      )
      .catch((thrown: unknown) => deps.log.error({ err: thrown }, 'broker.publish.break'))
      .finally(() => (inFlight.count -= 1));
  };
}

function frameOf(
  session: Session,
  packet: { topic: string; payload: Buffer; messageId?: number; dup?: boolean },
  receivedAtMs: number,
): Frame {
  return {
    tenant: session.tenant,
    source: session.source,
    topic: packet.topic,
    receivedAtMs,
    origin: { kind: session.kind, id: session.id },
    payload: packet.payload,
    packetId: packet.messageId,
    dup: packet.dup ?? false,
  };
}
