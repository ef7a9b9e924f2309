import { createPositions, type Positions } from './positions.ts';
import { delayOf, type BackOff } from './back-off.ts';

/** Where the connection stands. `retryAt` is local monotonic time, for a countdown. */
export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'waiting'; retryAtMs: number; attempt: number }
  | { kind: 'refused' }
  | { kind: 'stopped' };

/** Any message of a live channel; `offset` and `epoch` mark the place to resume from. */
export interface ChannelMessage {
  type: string;
  topic?: string;
  epoch?: string;
  offset?: number;
  serverTime?: string;
  heartbeatS?: number;
}

export interface SocketOptions<M extends ChannelMessage> {
  url: string;
  token: () => string;
  /** Topics to follow; the crew channel has the one, `rounds`. */
  topics: readonly string[];
  /** True on `/v1/crew`, whose snapshots and rounds carry no topic. */
  singleTopic?: boolean;
  onMessage(message: M): void;
  onState(state: LinkState): void;
  /** Learns the server's clock from hello and pong. */
  onServerTime?(serverTime: string): void;
  /** Place to resume from, kept over a restart of the page. */
  positions?: Positions;
  backOff?: BackOff;
  /** Injected in tests; the browser's own otherwise. */
  WebSocket?: new (url: string) => WebSocket;
  monotonicMs?: () => number;
  random?: () => number;
}

export interface ResilientSocket {
  start(): void;
  stop(): void;
  /** Tries now instead of waiting out the back-off. */
  retryNow(): void;
  /** Sends when the channel is live; false = not sent, keep it. */
  send(message: object): boolean;
  state(): LinkState;
  positions: Positions;
}

const UNAUTHENTICATED = 4401;
const FIRST_SAMPLES_MS = [1_000, 3_000];
const OPEN = 1;

/**
 * Makes a WebSocket that stays: signs in, subscribes, resumes by epoch and offset, watches the heartbeat and comes back
 * with growing delays (at once when the browser says it is online or visible again).
 */
export function createResilientSocket<M extends ChannelMessage>(options: SocketOptions<M>): ResilientSocket {
  const Socket = options.WebSocket ?? WebSocket;
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const random = options.random ?? Math.random;
  const positions = options.positions ?? createPositions();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let socket: WebSocket | undefined;
  let state: LinkState = { kind: 'stopped' };
  let attempt = 0;
  let heardAtMs = 0;

  const enter = (next: LinkState): void => {
    state = next;
    options.onState(next);
  };
  const after = (delayMs: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, delayMs);
    timers.add(timer);
  };
  const clearTimers = (): void => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  };
  const transmit = (message: object): boolean => {
    if (socket?.readyState !== OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  };

  function connect(): void {
    clearTimers();
    drop();
    enter({ kind: 'connecting' });
    const opened = new Socket(options.url);
    socket = opened;
    opened.onopen = () => transmit({ type: 'auth', token: options.token() });
    opened.onmessage = (event: MessageEvent) => {
      if (socket === opened) receive(event.data);
    };
    opened.onclose = (event: CloseEvent) => {
      if (socket === opened) lost(event.code);
    };
    opened.onerror = () => undefined; // a close follows, with the code
    heardAtMs = monotonicMs();
    watch(15);
  }

  function receive(data: unknown): void {
    heardAtMs = monotonicMs();
    const message = parse<M>(data);
    if (!message) return;
    if (message.serverTime) options.onServerTime?.(message.serverTime);
    if (message.type === 'hello') return greeted(message);
    if (message.type === 'pong') return;
    const topic = message.topic ?? (options.singleTopic ? options.topics[0] : undefined);
    if (topic !== undefined && !positions.advance(topic, message)) return;
    options.onMessage(message);
  }

  function greeted(hello: M): void {
    attempt = 0;
    for (const topic of options.topics) {
      const since = positions.of(topic);
      transmit({ type: 'sub', topic, ...(since && { since }) });
    }
    enter({ kind: 'live' });
    options.onMessage(hello);
    clearTimers();
    // Two early pings teach the clock's speed before the first heartbeat is due.
    for (const delayMs of FIRST_SAMPLES_MS) after(delayMs, () => transmit({ type: 'ping' }));
    watch(hello.heartbeatS ?? 15);
  }

  /** Sends pings and gives the connection up after two silent heartbeats. */
  function watch(heartbeatS: number): void {
    after(heartbeatS * 1000, () => {
      if (monotonicMs() - heardAtMs > 2 * heartbeatS * 1000) return lost(0);
      transmit({ type: 'ping' });
      watch(heartbeatS);
    });
  }

  function lost(code: number): void {
    clearTimers();
    drop();
    if (state.kind === 'stopped') return;
    if (code === UNAUTHENTICATED) return enter({ kind: 'refused' });
    const delayMs = delayOf(attempt, random, options.backOff);
    attempt += 1;
    enter({ kind: 'waiting', retryAtMs: monotonicMs() + delayMs, attempt });
    after(delayMs, connect);
  }

  function drop(): void {
    const old = socket;
    socket = undefined;
    old?.close();
  }

  const wake = (): void => {
    if (state.kind === 'waiting') connect();
  };
  const wakeIfVisible = (): void => {
    if (document.visibilityState === 'visible') wake();
  };

  return {
    start() {
      if (state.kind !== 'stopped') return;
      globalThis.addEventListener?.('online', wake);
      globalThis.document?.addEventListener('visibilitychange', wakeIfVisible);
      connect();
    },
    stop() {
      enter({ kind: 'stopped' });
      globalThis.removeEventListener?.('online', wake);
      globalThis.document?.removeEventListener('visibilitychange', wakeIfVisible);
      clearTimers();
      drop();
    },
    retryNow() {
      if (state.kind === 'waiting' || state.kind === 'refused') connect();
    },
    send: (message) => state.kind === 'live' && transmit(message),
    state: () => state,
    positions,
  };
}

function parse<M>(data: unknown): M | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data) as M;
  } catch {
    return undefined; // a cut frame: the heartbeat decides whether the line is sound
  }
}
