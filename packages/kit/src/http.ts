import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteOptions } from 'fastify';
import fastifySwagger from '@fastify/swagger';
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { RondeError, type Principal, type Role } from '@ronde/contracts';
import { bindAuthenticator, rolesOf, type Authenticate } from './guard.ts';
import { claimKey, keepAnswer, prepareIdempotency } from './idempotency.ts';
import type { Logger } from './log.ts';
import { guardsOf, openapiHead, openapiTransform, type Contact } from './openapi.ts';
import { BODY_LIMIT_BYTES, toProblem } from './problem.ts';

export type { WebSocket } from '@fastify/websocket';
export type { FastifyReply as HttpReply, FastifyRequest as HttpRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set by `allow(…)` before a handler runs. */
    principal: Principal;
  }
}

export interface HttpOptions {
  /** Finds who a bearer token belongs to; undefined = unknown token. */
  authenticate: Authenticate;
  version: string;
  tls?: { certPem: string; keyPem: string };
  /** Addresses of reverse proxies whose X-Forwarded-* headers are believed. */
  trustedProxies?: string[];
  /** Whom the API document names to ask. */
  contact?: Contact;
  /** Hears of every fault that is ours (5xx), with its request id. */
  log?: Logger;
}

const NOBODY_NAMED: Contact = { name: 'Operator of this installation' };
const FRAME_LIMIT_BYTES = 64 * 1024;
/** RFC 6455 §7.4.1: the server goes down; clients connect again later. */
const CLOSE_GOING_AWAY = 1001;
const GOOD_BYE_MS = 1000;
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

export type HttpServer = Awaited<ReturnType<typeof createHttp>>;

/** One route of the server and who may call it; no roles = the route has no bearer guard. */
export interface RouteEntry {
  method: string;
  url: string;
  roles: readonly Role[] | undefined;
}
const routeTables = new WeakMap<object, RouteEntry[]>();

/** Lists every route added so far, for tests that walk over all of them. */
export function routesOf(server: { server: object }): readonly RouteEntry[] {
  return routeTables.get(server.server) ?? [];
}

/**
 * Builds the process's one HTTP server, not yet listening: zod-typed routes, problem+json errors, security headers,
 * WebSocket upgrades, keyed writes and the OpenAPI collection. Services add their routes to it before it listens.
 */
export async function createHttp(options: HttpOptions) {
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 15_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    // a path that the router cannot read reaches no hook and no error handler
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
      return sendProblem(reply, toProblem(error));
    },
    trustProxy: options.trustedProxies?.length ? options.trustedProxies : false,
    ...(options.tls && { https: { cert: options.tls.certPem, key: options.tls.keyPem, minVersion: 'TLSv1.2' } }),
  } as object) as FastifyInstance;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.decorateRequest('principal', null as unknown as Principal);
  prepareIdempotency(server);
  addBodyParser(server);
  addErrorAnswers(server, options.log);
  addHeaders(server, options.version);
  server.addHook('onRequest', async (request) => bindAuthenticator(request, options.authenticate));
  const table: RouteEntry[] = [];
  routeTables.set(server.server, table);
  server.addHook('onRoute', (route) => arrangeRoute(route, table));
  await server.register(fastifySwagger, {
    openapi: openapiHead(options.version, options.contact ?? NOBODY_NAMED),
    transform: openapiTransform,
  });
  await server.register(fastifyWebsocket, {
    options: { maxPayload: FRAME_LIMIT_BYTES, perMessageDeflate: false },
    errorHandler: onSocketError,
    preClose: endSockets,
  });
  return server.withTypeProvider<ZodTypeProvider>();
}

/** JSON only (415 else); an empty body counts as none, whatever content type a client sends by habit. */
function addBodyParser(server: FastifyInstance): void {
  server.removeContentTypeParser('text/plain');
  const parseJson = server.getDefaultJsonParser('error', 'error') as (
    request: unknown,
    body: string,
    done: (error: Error | null, value?: unknown) => void,
  ) => void;
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parseJson(request, body as string, done);
  });
}

function addErrorAnswers(server: FastifyInstance, log?: Logger): void {
  server.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.routeOptions.bodyLimit);
    if (problem.status >= 500)
      log?.error(
        { err: error, request_id: request.id, method: request.method, path: pathOf(request) },
        'http.request.throw',
      );
    if (problem.status === 429 || problem.status === 503) void reply.header('retry-after', '5');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    return sendProblem(reply, problem);
  });
  server.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      toProblem(new RondeError('RESOURCE_UNKNOWN', `nothing at ${request.method} ${pathOf(request)}`)),
    ),
  );
}

function addHeaders(server: FastifyInstance, version: string): void {
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS).header('api-version', version).header('x-request-id', request.id);
  });
  server.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
}

function sendProblem(reply: FastifyReply, problem: { status: number }): FastifyReply {
  void reply.removeHeader('etag').header('cache-control', 'no-store');
  return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Moves guards before body parsing, adds keyed writes behind them, and notes the route in the table. */
function arrangeRoute(route: RouteOptions, table: RouteEntry[]): void {
  const guards = guardsOf(route);
  const methods = [route.method].flat();
  const roles = rolesOf(guards[0]);
  for (const method of methods) table.push({ method, url: route.url, roles });
  if (guards.length === 0) return;
  const rest = (hooks: unknown): unknown[] => [hooks].flat().filter((hook) => hook && !guards.includes(hook));
  route.onRequest = [...guards, ...rest(route.onRequest)] as never;
  const writes = methods.some((method) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method));
  route.preHandler = [...(writes ? [claimKey] : []), ...rest(route.preHandler)] as never;
  if (writes) route.onSend = [...rest(route.onSend), keepAnswer] as never;
}

// ws has then already sent the closing frame with its code (1009 too big, 1007 not UTF-8, 1002 protocol); tearing the
// socket down at once would lose it
function onSocketError(
  this: unknown,
  error: Error & { code?: string },
  socket: WebSocket,
  _request: FastifyRequest,
): void {
  if (!error.code?.startsWith('WS_ERR_')) socket.terminate();
}

/** Says good-bye to every WebSocket; one that does not answer is cut off, so that closing the server never waits for it. */
function endSockets(this: FastifyInstance, done: () => void): void {
  const sockets = [...this.websocketServer.clients];
  for (const socket of sockets) socket.close(CLOSE_GOING_AWAY, 'server stops');
  setTimeout(() => sockets.forEach((socket) => socket.terminate()), GOOD_BYE_MS).unref();
  this.websocketServer.close();
  done();
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]!;
}
