import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi } from './harness.ts';

type Api = Awaited<ReturnType<typeof openTestApi>>;
const webDir = mkdtempSync(join(tmpdir(), 'ronde-web-'));
let api: Api;
beforeAll(async () => {
  for (const page of ['.', 'ops', 'crew', 'console', 'assets']) mkdirSync(join(webDir, page), { recursive: true });
  for (const page of ['.', 'ops', 'crew', 'console'])
    writeFileSync(join(webDir, page, 'index.html'), `<title>${page}</title>`);
  writeFileSync(join(webDir, 'assets/ops-DkJ3h2x9.js'), 'export {};');
  writeFileSync(join(webDir, 'crew/sw.js'), 'self;');
  api = await openTestApi({ keep: true, webDir });
});
afterAll(async () => {
  await api.close();
  rmSync(webDir, { recursive: true, force: true });
});

interface Operation {
  operationId: string;
  summary?: string;
  security?: unknown[];
  responses: Record<string, { content?: Record<string, unknown> }>;
}

describe('API document', () => {
  test('is OpenAPI 3.1 with a contact, readable without login from any origin', async () => {
    const answer = await api.call({ url: '/v1/openapi.json', token: null });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.body).toMatchObject({
      openapi: '3.1.0',
      info: {
        version: answer.headers['api-version'],
        contact: { name: expect.any(String) },
      },
    });
  });

  test('every operation has a name of its own, a summary, an answer and its problems', async () => {
    const { body } = await api.call({ url: '/v1/openapi.json', token: null });
    const paths = Object.entries(body['paths'] as unknown as Record<string, Record<string, Operation>>);
    const operations = paths.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );
    expect(operations.length).toBeGreaterThan(50);
    for (const { name, operation } of operations) {
      expect(
        Object.keys(operation.responses).some((code) => code.startsWith('2')),
        name,
      ).toBe(true);
      expect(operation.responses['4XX']?.content, name).toHaveProperty(['application/problem+json']);
      expect(operation.summary, name).toBeTruthy();
    }
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const [path] of paths) expect(path).toMatch(/^\/v1(\/([a-z][a-z0-9-]*(\.json)?|\{[a-z][A-Za-z]*\}))+$/);
  });
});

describe('platform pages', () => {
  test('/docs shows the document within its content policy', async () => {
    const answer = await api.call({ url: '/docs', token: null });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('swagger-ui');
    expect(answer.text).not.toMatch(/<script>[^<]/);
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
    expect((await api.call({ url: '/docs/static/swagger-initializer.js', token: null })).text).toContain(
      '/v1/openapi.json',
    );
  });

  test('/health tells version, commit and roles; /health/ready turns 503 with the part that is not well', async () => {
    expect((await api.call({ url: '/health', token: null })).body).toEqual({
      status: 'ok',
      version: '0.1.0',
      commit: 'abc1234',
      roles: ['api'],
    });
    let ok = true;
    api.deps.health.add('inbox', () => ({ ok, detail: 'disk' }));
    expect((await api.call({ url: '/health/ready', token: null })).status).toBe(200);
    ok = false;
    const answer = await api.call({ url: '/health/ready', token: null });
    expect([answer.status, answer.body]).toEqual([
      503,
      { status: 'not-ready', parts: { inbox: { ok: false, detail: 'disk' } } },
    ]);
    expect((await api.call({ url: '/health/live', token: null })).status).toBe(200);
  });

  test('/metrics is Prometheus text', async () => {
    const answer = await api.call({ url: '/metrics', token: null });
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.text).toContain('ronde_live_clients 0');
  });

  test('every answer carries the version of the API and the security headers, also faults', async () => {
    for (const url of ['/v1/me', '/v1/nothing', '/nothing', '/', '/docs', '/health']) {
      const { headers } = await api.call({ url, token: null });
      expect(headers, url).toMatchObject({
        'api-version': '0.1.0',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining('frame-ancestors'),
        'cache-control': expect.any(String),
        'strict-transport-security': expect.any(String),
      });
    }
  });

  test.each([
    ['/', '.'],
    ['/ops', 'ops'],
    ['/ops/', 'ops'],
    ['/crew', 'crew'],
    ['/console', 'console'],
  ])('%s is a page asked for again each time', async (url, title) => {
    const answer = await api.call({ url, token: null });
    expect([answer.status, answer.text]).toEqual([200, `<title>${title}</title>`]);
    expect(answer.headers['cache-control']).toBe('no-cache');
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
  });

  test('hashed assets never expire, the service worker does', async () => {
    expect((await api.call({ url: '/assets/ops-DkJ3h2x9.js', token: null })).headers['cache-control']).toContain(
      'immutable',
    );
    expect((await api.call({ url: '/crew/sw.js', token: null })).headers['cache-control']).toBe('no-cache');
  });

  test.each(['/../package.json', '/%2e%2e/package.json', '/.env', '/assets/nothing.js'])(
    '%s is a problem document',
    async (url) => {
      const answer = await api.call({ url, token: null });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    },
  );

  test('without a build the pages say so with 503', async () => {
    const bare = await openTestApi();
    const answer = await bare.call({ url: '/ops', token: null });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('npm run build');
  });
});
