import { WebSocket } from 'ws';
import type { CrewEvent, CrewServerMessage, Round, Since } from '@ronde/contracts';
import type { SimLog } from '../clock.ts';

/** A crew's tablet: keeps the newest version of its rounds and the events that are not yet acknowledged. */
export interface Tablet {
  start(): void;
  stop(): void;
  /** Queues an event; it is sent at once or when the tablet is back on line, until it is acknowledged. */
  report(event: CrewEvent): void;
  rounds(): Round[];
  goOffline(): void;
  goOnline(): void;
  readonly online: boolean;
  pending(): number;
  stats(): { stored: number; duplicate: number; rejected: number; versions: number };
}

export interface TabletOptions {
  httpUrl: string;
  token: string;
  log?: SimLog | undefined;
  /** Called after a snapshot or a new version of a round. */
  onRounds: () => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const PING_MS = 10_000;

/** Makes a tablet, not yet connected. Retries and pings run on host time: they belong to the network, not to the city. */
export function createTablet(options: TabletOptions): Tablet {
  const url = new URL('/v1/crew', options.httpUrl.replace(/^http/, 'ws'));
  const rounds = new Map<string, Round>();
  const waiting = new Map<string, CrewEvent>();
  const counts = { stored: 0, duplicate: 0, rejected: 0, versions: 0 };
  let socket: WebSocket | undefined;
  let since: Since | undefined;
  let wanted = false;
  let subscribed = false;
  let retryMs = FIRST_RETRY_MS;
  let retryTimer: NodeJS.Timeout | undefined;

  const send = (message: object): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const take = (round: Round): void => {
    const known = rounds.get(round.id);
    rounds.set(round.id, round);
    // progress comes as the same version again; a snapshot cleared what was known, so after it every round is acknowledged
    if (known?.version === round.version) return;
    counts.versions += 1;
    send({ type: 'ack', roundId: round.id, version: round.version });
  };
  const handle = (message: CrewServerMessage): void => {
    if (message.type === 'hello') {
      // a server that was restarted numbers anew
      if (since && since.epoch !== message.epoch) since = undefined;
      send({ type: 'sub', topic: 'rounds', ...(since && { since }) });
      since ??= { epoch: message.epoch, offset: 0 };
      subscribed = true;
      retryMs = FIRST_RETRY_MS;
      for (const event of waiting.values()) send({ type: 'event', ...event });
    } else if (message.type === 'snap') {
      since = { epoch: message.epoch, offset: message.offset };
      rounds.clear();
      message.rounds.forEach(take);
      options.onRounds();
    } else if (message.type === 'round') {
      if (since) since.offset = message.offset;
      take(message.round);
      options.onRounds();
    } else if (message.type === 'eventAck') {
      waiting.delete(message.id);
      counts[message.status] += 1;
      if (message.status === 'rejected') options.log?.warn({ fault: message.fault }, 'sim.crew_event.reject');
    } else if (message.type === 'error') options.log?.warn({ fault: message.message }, 'sim.tablet.fault');
  };
  const open = (): void => {
    if (!wanted || socket) return;
    const opened = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: 10_000 });
    socket = opened;
    const ping = setInterval(() => send({ type: 'ping' }), PING_MS);
    opened.on('open', () => send({ type: 'auth', token: options.token }));
    opened.on('message', (data) => handle(JSON.parse(String(data)) as CrewServerMessage));
    opened.on('error', () => opened.terminate());
    opened.on('close', () => {
      clearInterval(ping);
      if (socket === opened) socket = undefined;
      subscribed = false;
      if (!wanted) return;
      retryTimer = setTimeout(open, retryMs);
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    });
  };
  const close = (): void => {
    wanted = false;
    subscribed = false;
    clearTimeout(retryTimer);
    socket?.terminate();
    socket = undefined;
  };
  const connect = (): void => {
    wanted = true;
    open();
  };
  return {
    start: connect,
    stop: close,
    report(event) {
      waiting.set(event.id, event);
      if (subscribed) send({ type: 'event', ...event });
    },
    rounds: () => [...rounds.values()],
    goOffline: close,
    goOnline: connect,
    get online() {
      return subscribed;
    },
    pending: () => waiting.size,
    stats: () => ({ ...counts }),
  };
}
