import type { NetworkFault } from './http.ts';

/** A WebSocket that is asked and answers in JSON; every wait has an end. */
export interface Conversation {
  send(message: unknown): void;
  /** The next message; a fault when none comes in time or the other side closed. */
  next(): Promise<{ ok: true; body: unknown } | ({ ok: false } & NetworkFault)>;
  close(): void;
}

/** Messages that came and were not asked for yet. */
const MOST_WAITING = 10_000;

/** Opens a WebSocket of a network. Never throws; the key lies in the URL, so no fault names it. */
export async function openConversation(
  url: string,
  timeoutMs: number,
): Promise<{ ok: true; conversation: Conversation } | ({ ok: false } & NetworkFault)> {
  const socket = new WebSocket(url);
  const waiting: unknown[] = [];
  let wake = (): void => undefined;
  let isClosed = false;
  const events = new Map<string, (event: MessageEvent) => void>([
    ['open', () => wake()],
    [
      'message',
      ({ data }) => {
        if (waiting.length < MOST_WAITING) waiting.push(parse(data));
        wake();
      },
    ],
    ['error', () => wake()],
    [
      'close',
      () => {
        isClosed = true;
        wake();
      },
    ],
  ]);
  for (const [name, handle] of events) socket.addEventListener(name, handle as (event: Event) => void);
  const until = async (isThere: () => boolean): Promise<boolean> => {
    const timer = setTimeout(() => wake(), timeoutMs);
    const endMs = performance.now() + timeoutMs;
    while (!isThere() && !isClosed && performance.now() < endMs) await new Promise<void>((resolve) => (wake = resolve));
    clearTimeout(timer);
    return isThere();
  };

  const conversation: Conversation = {
    send: (message) => socket.send(JSON.stringify(message)),
    async next() {
      if (await until(() => waiting.length > 0)) return { ok: true, body: waiting.shift() };
      const detail = isClosed ? 'the network closed the WebSocket' : 'the network does not answer over the WebSocket';
      return { ok: false, retriable: true, detail };
    },
    close: () => socket.close(),
  };
  if (await until(() => socket.readyState === WebSocket.OPEN)) return { ok: true, conversation };
  socket.close();
  // a browser's WebSocket does not say which status refused it
  const detail = 'the network did not open its WebSocket: it is away, or refused the key';
  return { ok: false, retriable: true, detail };
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return undefined;
  }
}
