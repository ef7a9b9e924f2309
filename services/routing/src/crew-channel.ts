import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import {
  CLOSE_SLOW,
  CLOSE_UNAUTHENTICATED,
  CrewClientMessage,
  HEARTBEAT_S,
  PROTOCOL_VERSION,
  type CrewServerMessage,
  type ErrorMessage,
  type Principal,
  type Round,
  type RoundChange,
  type Since,
} from '@ronde/contracts';
import { uuidv7, type Clock, type Logger } from '@ronde/kit';
import { createAllowance } from './allowance.ts';
import type { CrewEvents } from './crew-events.ts';
import { createCrewLog } from './crew-log.ts';
import type { RoundStore } from './round-store.ts';

/** Pushes rounds to tablets and takes their events; one log of changes per crew, so that a tablet that was away catches up. */
export interface CrewChannel {
  /** Serves one tablet; handlers attach before anything is awaited. */
  accept(socket: WebSocket, request: FastifyRequest): void;
  /** Sends a round to its crew's tablets. */
  push(round: Round, changes: RoundChange[]): void;
  /** Shows out the tablets of a token that was withdrawn. */
  revoke(tokenId: string): void;
  tablets(): number;
  close(): void;
}

export interface CrewChannelDeps {
  authenticate(token: string): Promise<Principal | undefined>;
  rounds: RoundStore;
  events: CrewEvents;
  clock: Clock;
  log: Logger;
  /** A tablet has shown this version of a round to its crew. */
  onAck(ack: { roundId: string; version: number; tokenId: string }): void;
  /** How often tokens are checked again [ms, host time]. */
  recheckMs?: number;
}

const AUTH_WITHIN_MS = 5_000;
const RECHECK_MS = 60_000;
const LOG_LENGTH = 200;
const PAUSE_ABOVE_BYTES = 256 * 1024;
const CLOSE_ABOVE_BYTES = 1024 * 1024;
const MISSED_BEATS = 2;
const DRAIN_MS = 250;
/** A tablet that was offline all day sends its backlog at once; after that it is slowed down, never cut off. */
const MESSAGES = { burst: 500, perSecond: 20 };
const MOST_TABLETS = 2_000;
const MOST_PER_TOKEN = 20;
/** Policy violation (RFC 6455 §7.4.1). */
const CLOSE_POLICY = 1008;
const ROLES = new Set(['crew', 'operator', 'admin']);

interface Tablet {
  socket: WebSocket;
  login: { principal: Principal; token: string } | undefined;
  /** Crew whose rounds it follows; null = all (operators); undefined = not subscribed. */
  crewId: string | null | undefined;
  /** True after deltas were left out: it gets one snapshot when its buffer has drained. */
  behind: boolean;
  lastSeenMs: number;
}

/** Gives the channel, without any tablet. */
export function createCrewChannel(deps: CrewChannelDeps): CrewChannel {
  const { clock, rounds, log } = deps;
  const epoch = uuidv7(Date.now());
  const tablets = new Set<Tablet>();
  const pushes = createCrewLog(LOG_LENGTH);

  const sendText = ({ socket }: Tablet, text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > CLOSE_ABOVE_BYTES) return socket.close(CLOSE_SLOW, 'too slow');
    socket.send(text);
  };
  const send = (tablet: Tablet, message: CrewServerMessage): void => sendText(tablet, JSON.stringify(message));
  const sees = ({ crewId }: Tablet, round: Round): boolean =>
    crewId === null || (crewId !== undefined && crewId === round.crewId);
  const snapshot = (tablet: Tablet): void =>
    send(tablet, {
      type: 'snap',
      epoch,
      offset: pushes.offset,
      rounds: rounds.open().filter((round) => sees(tablet, round)),
    });

  const subscribe = (tablet: Tablet, principal: Principal, since: Since | undefined): void => {
    tablet.crewId = principal.role === 'crew' ? (principal.crewId ?? '') : (principal.crewId ?? null);
    const missed = since?.epoch === epoch ? pushes.since(since.offset, (round) => sees(tablet, round)) : undefined;
    if (!missed) return snapshot(tablet);
    for (const entry of missed) send(tablet, { type: 'round', ...entry });
  };

  const handle = async (tablet: Tablet, message: CrewClientMessage): Promise<void> => {
    if (message.type === 'auth') return login(tablet, message.token);
    const principal = tablet.login?.principal;
    if (!principal) return send(tablet, fault('TOKEN_MISSING', 'say who you are first', 'send {type:"auth",token}'));
    if (message.type === 'ping') return send(tablet, { type: 'pong', serverTime: clock.iso() });
    if (message.type === 'sub') return subscribe(tablet, principal, message.since);
    if (message.type === 'ack') {
      return deps.onAck({ roundId: message.roundId, version: message.version, tokenId: principal.tokenId });
    }
    const { type: _, ...event } = message;
    const ack = await deps.events.take(event, principal.role === 'crew' ? (principal.crewId ?? '') : null);
    send(tablet, { type: 'eventAck', ...ack });
  };
  const login = async (tablet: Tablet, token: string): Promise<void> => {
    const principal = await deps.authenticate(token);
    if (!principal || !ROLES.has(principal.role)) {
      return tablet.socket.close(CLOSE_UNAUTHENTICATED, 'token not known for this channel');
    }
    const others = [...tablets].filter((other) => other !== tablet && other.login?.token === token).length;
    if (others >= MOST_PER_TOKEN) return tablet.socket.close(CLOSE_POLICY, 'too many tablets with one token');
    // another token may be of another crew: nothing of the first is sent on
    tablet.crewId = undefined;
    tablet.login = { principal, token };
    send(tablet, {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      epoch,
      heartbeatS: HEARTBEAT_S,
      serverTime: clock.iso(),
    });
  };
  /** A token may end without an event reaching this process: its expiry, or another process that withdrew it. */
  const recheck = async (): Promise<void> => {
    for (const { socket, login: known } of [...tablets]) {
      if (!known) continue;
      const principal = await deps.authenticate(known.token);
      if (!principal || principal.role !== known.principal.role || principal.crewId !== known.principal.crewId) {
        socket.close(CLOSE_UNAUTHENTICATED, 'the token is no longer good');
      }
    }
  };

  // messages of one tablet are handled in the order they came, also while an event is being stored
  const accept = (socket: WebSocket): void => {
    if (tablets.size >= MOST_TABLETS) return socket.close(CLOSE_SLOW, 'too many tablets');
    const tablet: Tablet = {
      socket,
      login: undefined,
      crewId: undefined,
      behind: false,
      lastSeenMs: performance.now(),
    };
    const allowance = createAllowance({ ...MESSAGES, nowMs: () => performance.now() });
    let last: Promise<void> = Promise.resolve();
    let resume: NodeJS.Timeout | undefined;
    const authTimer = setTimeout(() => {
      if (!tablet.login) socket.close(CLOSE_UNAUTHENTICATED, 'no token within 5 s');
    }, AUTH_WITHIN_MS);
    tablets.add(tablet);
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => (tablet.lastSeenMs = performance.now()));
    socket.on('close', () => {
      clearTimeout(authTimer);
      clearTimeout(resume);
      tablets.delete(tablet);
    });
    const slowDown = (waitMs: number): void => {
      socket.pause();
      clearTimeout(resume);
      resume = setTimeout(() => {
        tablet.lastSeenMs = performance.now();
        socket.resume();
      }, waitMs);
    };
    socket.on('message', (data) => {
      tablet.lastSeenMs = performance.now();
      const waitMs = allowance.take();
      if (waitMs > 0) slowDown(waitMs);
      const parsed = parse(String(data));
      if (!parsed.ok) return send(tablet, parsed.error);
      last = last
        .then(() => handle(tablet, parsed.message))
        .catch((error: unknown) => {
          log.error({ err: error }, 'routing.crew_message.fail');
          send(tablet, fault('STORAGE_UNAVAILABLE', 'not stored', 'keep it and send it again'));
        });
    });
  };

  const push = (round: Round, changes: RoundChange[]): void => {
    const entry = pushes.add(round, changes);
    let text: string | undefined;
    for (const tablet of tablets) {
      if (!sees(tablet, round)) continue;
      if (tablet.behind || tablet.socket.bufferedAmount > PAUSE_ABOVE_BYTES) tablet.behind = true;
      else sendText(tablet, (text ??= JSON.stringify({ type: 'round', ...entry })));
    }
  };

  const beat = setInterval(() => {
    for (const tablet of tablets) {
      if (performance.now() - tablet.lastSeenMs > MISSED_BEATS * HEARTBEAT_S * 1000) tablet.socket.terminate();
      else tablet.socket.ping();
    }
  }, HEARTBEAT_S * 1000);
  const drain = setInterval(() => {
    for (const tablet of tablets) {
      if (!tablet.behind || tablet.socket.bufferedAmount > 0) continue;
      tablet.behind = false;
      snapshot(tablet);
    }
  }, DRAIN_MS);
  const check = setInterval(
    () => void recheck().catch((error: unknown) => log.warn({ err: error }, 'routing.token_check.fail')),
    deps.recheckMs ?? RECHECK_MS,
  );

  return {
    accept,
    push,
    revoke(tokenId) {
      for (const { socket, login: known } of tablets) {
        if (known?.principal.tokenId === tokenId) socket.close(CLOSE_UNAUTHENTICATED, 'the token was withdrawn');
      }
    },
    tablets: () => tablets.size,
    close() {
      for (const timer of [beat, drain, check]) clearInterval(timer);
      for (const { socket } of tablets) socket.terminate();
    },
  };
}

function parse(text: string): { ok: true; message: CrewClientMessage } | { ok: false; error: CrewServerMessage } {
  try {
    const raw: unknown = JSON.parse(text);
    const result = CrewClientMessage.safeParse(raw);
    if (result.success) return { ok: true, message: result.data };
    const said = result.error.issues
      .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
      .join('; ');
    const id = eventIdOf(raw);
    // named by its id, the tablet can set the event aside; an error without it would be sent again for ever
    if (id !== undefined) return { ok: false, error: { type: 'eventAck', id, status: 'rejected', fault: said } };
    return { ok: false, error: fault('INPUT_INVALID', said, 'correct the fields named') };
  } catch {
    return { ok: false, error: fault('INPUT_INVALID', 'not JSON', 'send one JSON object per frame') };
  }
}

function eventIdOf(raw: unknown): string | undefined {
  const { type, id } = (raw ?? {}) as { type?: unknown; id?: unknown };
  return type === 'event' && typeof id === 'string' ? id : undefined;
}

function fault(code: string, message: string, remedy: string): ErrorMessage {
  return { type: 'error', code, message, remedy };
}
