import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import pino from 'pino';
import { z } from 'zod';
import { RondeError } from '@ronde/contracts';
import { allow } from './guard.ts';
import { createHttp, routesOf } from './http.ts';
import { useIdempotency, type StoredAnswer } from './idempotency.ts';

async function open(log?: pino.Logger) {
  const http = await createHttp({
    version: '1.2.3',
    authenticate: async (token) => (token === 'good' ? { tenant: 't', role: 'operator', tokenId: 'tok' } : undefined),
    ...(log && { log }),
  });
  onTestFinished(() => http.close());
  return http;
}
const good = { authorization: 'Bearer good' };

test.each([
  [{}, { name: 'Operator of this installation' }],
  [
    { contact: { name: 'City', url: 'https://city.test/', email: 'bins@city.test' } },
    { name: 'City', url: 'https://city.test/', email: 'bins@city.test' },
  ],
])('the API document names the contact it was given, never an invented address', async (options, contact) => {
  const http = await createHttp({ version: '1.2.3', authenticate: async () => undefined, ...options });
  onTestFinished(() => http.close());
  await http.ready();
  expect(http.swagger().info.contact).toEqual(contact);
});

test('a fault of ours tells the caller nothing of its inside and the log everything, with one request id', async () => {
  const lines: string[] = [];
  const http = await open(
    pino({}, new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) })),
  );
  http.get('/broken', async () => {
    throw new Error('password of the store is hunter2');
  });
  const answer = await http.inject({ url: '/broken' });
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([500, 'INTERNAL']);
  expect(answer.payload).not.toContain('hunter2');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    msg: 'http.request.throw',
    request_id: answer.headers['x-request-id'],
    path: '/broken',
  });
});

test.each([
  ['STORAGE_UNAVAILABLE', 503, { 'retry-after': '5' }],
  ['RATE_EXCEEDED', 429, { 'retry-after': '5' }],
  ['TOKEN_UNKNOWN', 401, { 'www-authenticate': 'Bearer' }],
  ['VERSION_CONFLICT', 412, {}],
] as const)('%s is a problem document with its status and headers', async (code, status, headers) => {
  const http = await open();
  http.get('/x', async () => {
    throw new RondeError(code, 'because');
  });
  const answer = await http.inject({ url: '/x' });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers).toMatchObject({
    'content-type': expect.stringContaining('application/problem+json'),
    'cache-control': 'no-store',
    ...headers,
  });
  expect(answer.json()).toMatchObject({
    status,
    code,
    detail: 'because',
    title: expect.any(String),
    remedy: expect.any(String),
    type: expect.any(String),
  });
});

test('a guard stands before the body, wherever a route put it', async () => {
  const http = await open();
  http.post('/v1/things', {
    preHandler: allow('operator'),
    schema: { body: z.object({ id: z.string() }) },
    handler: async () => 'done',
  });
  const post = (headers: Record<string, string>, payload: object) =>
    http.inject({ method: 'POST', url: '/v1/things', headers, payload });
  expect((await post({}, {})).statusCode).toBe(401);
  expect((await post({ authorization: 'Basic Z29vZA==' }, {})).statusCode).toBe(401);
  expect((await post(good, {})).statusCode).toBe(400);
  expect((await post({ authorization: 'bearer good' }, { id: 'a' })).statusCode).toBe(200);
  expect(routesOf(http)).toEqual([{ method: 'POST', url: '/v1/things', roles: ['operator'] }]);
});

test('keyed writes work for every guarded route and are claimed again after a fault of ours', async () => {
  const kept = new Map<string, StoredAnswer>();
  const http = await open();
  const store = {
    find: async (tenant: string, key: string) => kept.get(`${tenant} ${key}`),
    remember: async (tenant: string, answer: StoredAnswer) => void kept.set(`${tenant} ${answer.key}`, answer),
  };
  useIdempotency(http, store, () => 0);
  let calls = 0;
  http.post('/v1/things', { preHandler: allow('operator') }, async () => {
    calls += 1;
    if (calls === 1) throw new Error('planted');
    return { calls };
  });
  const post = () =>
    http.inject({ method: 'POST', url: '/v1/things', headers: { ...good, 'idempotency-key': 'k' }, payload: {} });
  expect((await post()).statusCode).toBe(500);
  expect((await post()).json()).toEqual({ calls: 2 });
  expect((await post()).json()).toEqual({ calls: 2 });
});

test('a body that is no JSON and a path that cannot be read are problem documents that name the field', async () => {
  const http = await open();
  http.post('/x', { preHandler: allow('operator') }, async () => ({}));
  const headers = { ...good, 'content-type': 'application/json' };
  const bodyless = await http.inject({ method: 'POST', url: '/x', headers, payload: '{bad' });
  const pathless = await http.inject({ url: '/x/%zz' });
  for (const [answer, field] of [
    [bodyless, 'body'],
    [pathless, 'url'],
  ] as const) {
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.json()).toMatchObject({
      code: 'INPUT_INVALID',
      detail: '1 field is not valid',
      errors: [{ field, remedy: expect.any(String) }],
    });
  }
});

test('a body that is too large is told how large it may be here', async () => {
  const http = await open();
  http.post('/x', { preHandler: allow('operator'), bodyLimit: 2048 }, async () => ({}));
  const headers = { ...good, 'content-type': 'application/json' };
  const answer = await http.inject({ method: 'POST', url: '/x', headers, payload: JSON.stringify('x'.repeat(3000)) });
  expect(answer.statusCode).toBe(413);
  expect(answer.json()).toMatchObject({ code: 'BODY_TOO_LARGE', detail: 'the body is larger than 2 KiB' });
});
