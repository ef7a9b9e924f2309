import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer, WebSocket as NodeWebSocket, type WebSocket as ServerSocket } from 'ws';
import {
  createResilientSocket,
  type ChannelMessage,
  type LinkState,
  type ResilientSocket,
} from './resilient-socket.ts';

interface ClientMessage {
  type: string;
  token?: string;
  topic?: string;
  since?: { epoch: string; offset: number };
}

/** A server that speaks the channel: it greets those who sign in with "good" and keeps what clients send. */
async function openServer(port = 0) {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const received: ClientMessage[] = [];
  let latest: ServerSocket | undefined;
  server.on('connection', (socket) => {
    latest = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ClientMessage;
      received.push(message);
      if (message.type === 'auth' && message.token !== 'good') socket.close(4401);
      if (message.type === 'auth' && message.token === 'good') {
        say({ type: 'hello', epoch: 'e1', heartbeatS: 15, serverTime: '2026-11-22T09:00:00Z' });
      }
    });
  });
  const say = (message: object): void => latest?.send(JSON.stringify(message));
  const close = (): Promise<void> => {
    server.clients.forEach((client) => client.terminate());
    return new Promise((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, received, say, cut: () => latest?.terminate(), close };
}

function openClient(port: number, { token = 'good', singleTopic = false } = {}) {
  const messages: ChannelMessage[] = [];
  const states: LinkState[] = [];
  const times: string[] = [];
  const client: ResilientSocket = createResilientSocket<ChannelMessage>({
    url: `ws://127.0.0.1:${port}`,
    token: () => token,
    topics: singleTopic ? ['rounds'] : ['assets', 'kpis'],
    singleTopic,
    onMessage: (message) => messages.push(message),
    onState: (state) => states.push(state),
    onServerTime: (time) => times.push(time),
    backOff: { firstMs: 10, maxMs: 40 },
    WebSocket: NodeWebSocket as unknown as new (url: string) => WebSocket,
  });
  onTestFinished(() => client.stop());
  client.start();
  return { client, messages, states, times };
}

test('it signs in, subscribes to every topic and learns the server time', async () => {
  const server = await openServer();
  const { client, times } = openClient(server.port);
  await vi.waitFor(() => expect(server.received).toHaveLength(3));
  expect(server.received).toEqual([
    { type: 'auth', token: 'good' },
    { type: 'sub', topic: 'assets' },
    { type: 'sub', topic: 'kpis' },
  ]);
  expect(client.state().kind).toBe('live');
  expect(times).toEqual(['2026-11-22T09:00:00Z']);
});

test('after a cut it resumes each topic from its last offset', async () => {
  const server = await openServer();
  const { messages } = openClient(server.port);
  await vi.waitFor(() => expect(server.received).toHaveLength(3));
  server.say({ type: 'snap', topic: 'assets', epoch: 'e1', offset: 7, u: [] });
  server.say({ type: 'delta', topic: 'assets', offset: 8, u: [] });
  await vi.waitFor(() => expect(messages).toHaveLength(3));
  server.cut();
  await vi.waitFor(() => expect(server.received).toHaveLength(6));
  expect(server.received.slice(4)).toEqual([
    { type: 'sub', topic: 'assets', since: { epoch: 'e1', offset: 8 } },
    { type: 'sub', topic: 'kpis' },
  ]);
});

test('a delta that was already applied is left out', async () => {
  const server = await openServer();
  const { messages } = openClient(server.port);
  await vi.waitFor(() => expect(server.received).toHaveLength(3));
  server.say({ type: 'snap', topic: 'assets', epoch: 'e1', offset: 7 });
  server.say({ type: 'delta', topic: 'assets', offset: 7 });
  server.say({ type: 'delta', topic: 'assets', offset: 8 });
  await vi.waitFor(() => expect(messages.map(({ offset }) => offset)).toEqual([undefined, 7, 8]));
});

test('a snapshot of a new epoch starts the offsets anew', async () => {
  const server = await openServer();
  const { client, messages } = openClient(server.port);
  await vi.waitFor(() => expect(server.received).toHaveLength(3));
  server.say({ type: 'snap', topic: 'assets', epoch: 'e1', offset: 90 });
  server.say({ type: 'snap', topic: 'assets', epoch: 'e2', offset: 0 });
  server.say({ type: 'delta', topic: 'assets', offset: 1 });
  await vi.waitFor(() => expect(messages).toHaveLength(4));
  expect(client.positions.of('assets')).toEqual({ epoch: 'e2', offset: 1 });
});

test('the crew channel, whose messages name no topic, resumes too', async () => {
  const server = await openServer();
  const { messages } = openClient(server.port, { singleTopic: true });
  await vi.waitFor(() => expect(server.received).toHaveLength(2));
  server.say({ type: 'snap', epoch: 'e1', offset: 3, rounds: [] });
  server.say({ type: 'round', offset: 4, round: {}, changes: [] });
  server.say({ type: 'eventAck', id: 'x', status: 'stored' });
  await vi.waitFor(() => expect(messages).toHaveLength(4));
  server.cut();
  await vi.waitFor(() =>
    expect(server.received.at(-1)).toEqual({ type: 'sub', topic: 'rounds', since: { epoch: 'e1', offset: 4 } }),
  );
});

test('a refused token ends the tries and says so', async () => {
  const server = await openServer();
  const { client } = openClient(server.port, { token: 'bad' });
  await vi.waitFor(() => expect(client.state().kind).toBe('refused'));
  expect(server.received).toEqual([{ type: 'auth', token: 'bad' }]);
});

test('it keeps trying while the server is away and comes back by itself', async () => {
  const first = await openServer();
  const { client, states } = openClient(first.port);
  await vi.waitFor(() => expect(client.state().kind).toBe('live'));
  await first.close();
  await vi.waitFor(() => expect(states.filter(({ kind }) => kind === 'waiting').length).toBeGreaterThan(2));
  expect(client.send({ type: 'event' })).toBe(false);
  await openServer(first.port);
  await vi.waitFor(() => expect(client.state().kind).toBe('live'));
  expect(client.send({ type: 'ping' })).toBe(true);
});

test('what is no JSON is left out and the line stays', async () => {
  const server = await openServer();
  const { client, messages } = openClient(server.port);
  await vi.waitFor(() => expect(server.received).toHaveLength(3));
  server.say('text' as unknown as object);
  server.say({ type: 'delta', topic: 'kpis', offset: 1 });
  await vi.waitFor(() => expect(messages.at(-1)?.type).toBe('delta'));
  expect(client.state().kind).toBe('live');
});
