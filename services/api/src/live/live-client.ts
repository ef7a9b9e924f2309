import {
  CLOSE_UNAUTHENTICATED,
  ERRORS,
  LiveClientMessage,
  PROTOCOL_VERSION,
  type ErrorCode,
  type LiveTopic,
  type Principal,
} from '@ronde/contracts';
import type { Cancel, Clock, WebSocket } from '@ronde/kit';
import { TOPIC_ROLES } from '../access.ts';
import type { Follower, LiveHub } from './live-hub.ts';
import { createOutlet, type Outlet } from './outlet.ts';

/** Policy violation (RFC 6455 §7.4.1): too many messages. */
const CLOSE_POLICY = 1008;
/** RFC 6455 registry: service restart. */
const CLOSE_RESTART = 1012;
const MESSAGES_PER_S = 20;
const MESSAGES_BURST = 60;
/** A client is dead when this many heartbeats in a row went unanswered. */
const MISSES_ALLOWED = 2;

export interface LiveClientOptions {
  epoch: string;
  heartbeatMs: number;
  authTimeoutMs: number;
  hostClock: Clock;
  platformIso: () => string;
  authenticate(token: string): Promise<Principal | undefined>;
  /** Gives the hub of a tenant, filled. */
  hubOf(tenant: string): Promise<LiveHub>;
}

/** One dashboard's connection. */
export interface LiveClient {
  readonly tokenId: string | undefined;
  readonly tenant: string | undefined;
  /** Bytes sent that the other side has yet to take. */
  unsentBytes(): number;
  /** Pings, or ends the connection when the last ones went unanswered. */
  beat(): void;
  /** Checks the token again; a withdrawn one ends the connection. */
  recheck(): Promise<void>;
  /** Ends the connection because its token is not good (any more). */
  reject(): void;
  /** Ends the connection so that the client comes back for a fresh snapshot. */
  restart(): void;
}

interface Session {
  principal: Principal;
  token: string;
  hub: LiveHub;
  follower: Follower;
}

/** Takes over a fresh socket. Handlers are attached before this returns; messages are handled one after the other. */
export function createLiveClient(socket: WebSocket, options: LiveClientOptions): LiveClient {
  const outlet = createOutlet(socket);
  const allowance = createAllowance(options.hostClock);
  let session: Session | undefined;
  let misses = 0;
  let tail = Promise.resolve();
  const reject = (): void => socket.close(CLOSE_UNAUTHENTICATED, 'no valid token');
  const deadline: Cancel = options.hostClock.after(options.authTimeoutMs, () => {
    if (!session) reject();
  });
  const handle = async (text: string): Promise<void> => {
    if (!outlet.open) return;
    const message = parse(text);
    if (!message) return complain(outlet, 'INPUT_INVALID', 'the message is not one of auth, sub, unsub, ping');
    if (message.type === 'ping')
      return outlet.send(JSON.stringify({ type: 'pong', serverTime: options.platformIso() }));
    if (message.type === 'auth') {
      session ??= await openSession(outlet, message.token, options);
      if (!session) reject();
    } else if (!session) reject();
    else if (message.type === 'unsub') session.follower.topics.delete(message.topic);
    else if (mayFollow(session.principal, message.topic))
      session.hub.follow(session.follower, message.topic, message.since);
    else complain(outlet, 'ROLE_INSUFFICIENT', `the role ${session.principal.role} may not follow ${message.topic}`);
  };
  socket.on('message', (data, isBinary) => {
    misses = 0;
    if (!allowance()) return socket.close(CLOSE_POLICY, 'too many messages');
    // ws gives one Buffer per message (binaryType "nodebuffer")
    const text = isBinary ? '' : (data as Buffer).toString('utf8');
    tail = tail.then(() => handle(text)).catch(() => complain(outlet, 'INTERNAL', 'the message could not be handled'));
  });
  socket.on('pong', () => (misses = 0));
  socket.on('close', () => {
    deadline();
    void tail.then(() => session?.hub.leave(session.follower));
  });
  return {
    get tokenId() {
      return session?.principal.tokenId;
    },
    get tenant() {
      return session?.principal.tenant;
    },
    unsentBytes: () => socket.bufferedAmount,
    beat() {
      if (misses >= MISSES_ALLOWED) return socket.terminate();
      misses += 1;
      if (outlet.open) socket.ping();
    },
    async recheck() {
      if (!session) return;
      const principal = await options.authenticate(session.token);
      if (!principal || principal.role !== session.principal.role) reject();
    },
    reject,
    restart: () => socket.close(CLOSE_RESTART, 'come back for a fresh snapshot'),
  };
}

async function openSession(outlet: Outlet, token: string, options: LiveClientOptions): Promise<Session | undefined> {
  const principal = await options.authenticate(token);
  if (!principal) return undefined;
  const hub = await options.hubOf(principal.tenant);
  const { epoch, heartbeatMs } = options;
  outlet.send(
    JSON.stringify({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      epoch,
      heartbeatS: heartbeatMs / 1000,
      serverTime: options.platformIso(),
    }),
  );
  return { principal, token, hub, follower: { outlet, topics: new Map() } };
}

function mayFollow(principal: Principal, topic: LiveTopic): boolean {
  return TOPIC_ROLES[topic].includes(principal.role);
}

function parse(text: string): LiveClientMessage | undefined {
  try {
    return LiveClientMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function complain(outlet: Outlet, code: ErrorCode, message: string): void {
  outlet.send(JSON.stringify({ type: 'error', code, message, remedy: ERRORS[code].remedy }));
}

/** A bucket of messages that fills with time. */
function createAllowance(clock: Clock): () => boolean {
  let left = MESSAGES_BURST;
  let atMs = clock.nowMs();
  return () => {
    const nowMs = clock.nowMs();
    left = Math.min(MESSAGES_BURST, left + ((nowMs - atMs) / 1000) * MESSAGES_PER_S) - 1;
    atMs = nowMs;
    return left >= 0;
  };
}
