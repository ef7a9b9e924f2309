import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { onTestFinished, vi } from 'vitest';
import type { TestApi } from './harness.ts';

export type Message = Record<string, unknown> & { type: string };

/** A dashboard's side of the live channel, as a real WebSocket client. */
export interface LiveSocket {
  socket: WebSocket;
  messages: Message[];
  send(message: object): void;
  /** Waits for the next message that fits, and takes it and all before it. */
  next(fits: (message: Message) => boolean): Promise<Message>;
  closed: Promise<number>;
}

/** Starts the server on a free port, unless it listens already. */
export async function listen(api: TestApi): Promise<string> {
  if (!api.http.server.listening) await api.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.http.server.address() as { port: number };
  return `127.0.0.1:${port}`;
}

/** Connects, and signs in when a token is given. */
export async function connect(host: string, token?: string, options: ClientOptions = {}): Promise<LiveSocket> {
  const socket = new WebSocket(`ws://${host}/v1/live`, options);
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(([code]) => code as number);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const send = (message: object): void => socket.send(JSON.stringify(message));
  const next = async (fits: (message: Message) => boolean): Promise<Message> => {
    const index = await vi.waitFor(() => {
      const found = messages.findIndex(fits);
      if (found < 0) throw new Error(`no such message among ${messages.map((m) => m.type).join(', ')}`);
      return found;
    }, 8000);
    return messages.splice(0, index + 1).at(-1)!;
  };
  const live: LiveSocket = { socket, messages, send, next, closed };
  if (token !== undefined) {
    send({ type: 'auth', token });
    await next(({ type }) => type === 'hello');
  }
  return live;
}

export const isSnap = ({ type }: Message): boolean => type === 'snap';
export const isDelta = ({ type }: Message): boolean => type === 'delta';
