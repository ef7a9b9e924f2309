import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Posting } from '../devices/engine.ts';
import { openNetworks } from '../networks/index.ts';
import { openHttpCarrier } from './http-carrier.ts';

interface Call {
  path: string;
  secret: string | undefined;
  type: string | undefined;
  body: string;
}
const networks = openNetworks('default');
const posting = (device: number, body: string | Uint8Array, network = networks.loriot): Posting => ({
  device,
  network,
  message: { to: '', body },
  atMs: 0,
  again: false,
});

/** A platform that answers what the test wants, in turn, and keeps what it was sent. */
async function openServer(...statuses: number[]) {
  const calls: Call[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { authorization: secret, 'content-type': type } = request.headers;
      calls.push({ path: request.url!, secret, type, body: Buffer.concat(parts).toString() });
      response.writeHead(statuses[calls.length - 1] ?? 200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const carrier = openHttpCarrier({
    url,
    credentials: { integrations: { loriot: { id: 'sim-loriot', secret: 'open' } }, devices: {} },
    sources: ['loriot'],
    retryMs: 1,
  });
  onTestFinished(() => carrier.close());
  return { calls, carrier };
}

test('messages of one device are posted one after the other, with the secret of their network', async () => {
  const { calls, carrier } = await openServer();
  await carrier.ready(1_000);
  for (const body of ['a', 'b', 'c']) carrier.send(posting(3, body));
  carrier.send(posting(3, Uint8Array.of(0x64)));
  await carrier.drained();
  const posts = calls.slice(1);
  expect(posts.map(({ body }) => body)).toEqual(['a', 'b', 'c', 'd']);
  expect(posts[0]).toMatchObject({ path: '/v1/uplinks/loriot', secret: 'Bearer open', type: 'application/json' });
  expect(posts[3]!.type).toBe('application/octet-stream');
  expect(carrier.stats()).toMatchObject({ acked: 4, failed: 0, waiting: 0 });
});

test('what the platform cannot take now is posted again, before what follows; what it refuses is not', async () => {
  const { calls, carrier } = await openServer(503, 429, 200, 401, 200);
  for (const body of ['busy', 'refused', 'next']) carrier.send(posting(3, body));
  await carrier.drained();
  expect(calls.map(({ body }) => body)).toEqual(['busy', 'busy', 'busy', 'refused', 'next']);
  expect(carrier.stats()).toMatchObject({ acked: 2, failed: 1 });
});

test('a network without a credential fails, and so does one that nobody answers for', async () => {
  const { calls, carrier } = await openServer();
  carrier.send(posting(1, 'x', networks.sigfox));
  await carrier.drained();
  expect([calls.length, carrier.stats().failed]).toEqual([0, 1]);
  const nobody = openHttpCarrier({
    url: 'http://127.0.0.1:1',
    credentials: { integrations: { loriot: { id: 'l', secret: 's' } }, devices: {} },
    sources: ['loriot'],
    retryMs: 1,
  });
  onTestFinished(() => nobody.close());
  nobody.send(posting(1, 'x'));
  await nobody.drained();
  expect(nobody.stats()).toMatchObject({ failed: 1, connected: 0 });
  await expect(nobody.ready(1_000)).rejects.toThrow();
});
