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
import type { CrewEvents } from './crew-events.ts';
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
}

const AUTH_WITHIN_MS = 5_000;
const LOG_LENGTH = 200;
const PAUSE_ABOVE_BYTES = 256 * 1024;
const CLOSE_ABOVE_BYTES = 1024 * 1024;
const MISSED_BEATS = 2;
const ROLES = new Set(['crew', 'operator', 'admin']);

interface Tablet {
  socket: WebSocket;
  principal: Principal | undefined;
  /** Crew whose rounds it follows; null = all (operators); undefined = not subscribed. */
  crewId: string | null | undefined;
  /** True after deltas were left out: it gets one snapshot when its buffer has drained. */
  behind: boolean;
  lastSeenMs: number;
}
interface Entry {
  offset: number;
  round: Round;
  changes: RoundChange[];
}

/** Gives the channel, without any tablet. */
export function createCrewChannel(deps: CrewChannelDeps): CrewChannel {
  const { clock, rounds, log } = deps;
  const epoch = uuidv7(Date.now());
  const tablets = new Set<Tablet>();
  const entries: Entry[] = [];
  let offset = 0;

  const send = (tablet: Tablet, message: CrewServerMessage): void => {
    if (tablet.socket.bufferedAmount > CLOSE_ABOVE_BYTES) return tablet.socket.close(CLOSE_SLOW, 'too slow');
    tablet.socket.send(JSON.stringify(message));
  };
  const sees = (tablet: Tablet, round: Round): boolean =>
    tablet.crewId === null || (tablet.crewId !== undefined && tablet.crewId === round.crewId);
  const snapshot = (tablet: Tablet): void =>
    send(tablet, { type: 'snap', epoch, offset, rounds: rounds.open().filter((round) => sees(tablet, round)) });

  const subscribe = (tablet: Tablet, principal: Principal, since: Since | undefined): void => {
    tablet.crewId = principal.role === 'crew' ? (principal.crewId ?? '') : (principal.crewId ?? null);
    const oldest = entries[0]?.offset ?? offset + 1;
    if (since?.epoch !== epoch || since.offset > offset || since.offset < oldest - 1) return snapshot(tablet);
    for (const entry of entries) {
      if (entry.offset > since.offset && sees(tablet, entry.round)) send(tablet, { type: 'round', ...entry });
    }
  };

  const handle = async (tablet: Tablet, message: CrewClientMessage): Promise<void> => {
    if (message.type === 'auth') return login(tablet, message.token);
    const { principal } = tablet;
    if (!principal) return send(tablet, fault('TOKEN_MISSING', 'say who you are first', 'send {type:"auth",token}'));
    if (message.type === 'ping') return send(tablet, { type: 'pong', serverTime: clock.iso() });
    if (message.type === 'sub') return subscribe(tablet, principal, message.since);
    if (message.type === 'ack')
      return deps.onAck({ roundId: message.roundId, version: message.version, tokenId: principal.tokenId });
    const { type: _, ...event } = message;
    const ack = await deps.events.take(event, principal.role === 'crew' ? (principal.crewId ?? '') : null);
    send(tablet, { type: 'eventAck', ...ack });
  };
  const login = async (tablet: Tablet, token: string): Promise<void> => {
    const principal = await deps.authenticate(token);
    if (!principal || !ROLES.has(principal.role))
      return tablet.socket.close(CLOSE_UNAUTHENTICATED, 'token not known for this channel');
    tablet.principal = principal;
    send(tablet, {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      epoch,
      heartbeatS: HEARTBEAT_S,
      serverTime: clock.iso(),
    });
  };

  // messages of one tablet are handled in the order they came, also while an event is being stored
  const accept = (socket: WebSocket): void => {
    const tablet: Tablet = {
      socket,
      principal: undefined,
      crewId: undefined,
      behind: false,
      lastSeenMs: performance.now(),
    };
    let last: Promise<void> = Promise.resolve();
    const authTimer = setTimeout(() => {
      if (!tablet.principal) socket.close(CLOSE_UNAUTHENTICATED, 'no token within 5 s');
    }, AUTH_WITHIN_MS);
    tablets.add(tablet);
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => (tablet.lastSeenMs = performance.now()));
    socket.on('close', () => {
      clearTimeout(authTimer);
      tablets.delete(tablet);
    });
    socket.on('message', (data) => {
      tablet.lastSeenMs = performance.now();
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
    const entry: Entry = { offset: ++offset, round, changes };
    entries.push(entry);
    if (entries.length > LOG_LENGTH) entries.shift();
    for (const tablet of tablets) {
      if (!sees(tablet, round)) continue;
      if (tablet.behind || tablet.socket.bufferedAmount > PAUSE_ABOVE_BYTES) tablet.behind = true;
      else send(tablet, { type: 'round', ...entry });
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
  }, 250);

  return {
    accept,
    push,
    revoke(tokenId) {
      for (const { socket, principal } of tablets) {
        if (principal?.tokenId === tokenId) socket.close(CLOSE_UNAUTHENTICATED, 'the token was withdrawn');
      }
    },
    tablets: () => tablets.size,
    close() {
      clearInterval(beat);
      clearInterval(drain);
      for (const { socket } of tablets) socket.terminate();
    },
  };
}

function parse(text: string): { ok: true; message: CrewClientMessage } | { ok: false; error: ErrorMessage } {
  try {
    const result = CrewClientMessage.safeParse(JSON.parse(text));
    if (result.success) return { ok: true, message: result.data };
    const said = result.error.issues
      .map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`)
      .join('; ');
    return { ok: false, error: fault('INPUT_INVALID', said, 'correct the fields named') };
  } catch {
    return { ok: false, error: fault('INPUT_INVALID', 'not JSON', 'send one JSON object per frame') };
  }
}

function fault(code: string, message: string, remedy: string): ErrorMessage {
  return { type: 'error', code, message, remedy };
}
