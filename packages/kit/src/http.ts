import Fastify, { type FastifyInstance, type FastifyRequest, type preHandlerAsyncHookHandler } from 'fastify';
import fastifySwagger from '@fastify/swagger';
import fastifyWebsocket from '@fastify/websocket';
import { createJsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { RondeError, type Principal, type Role } from '@ronde/contracts';
import { toProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set by `allow(…)` before a handler runs. */
    principal: Principal;
  }
}

export interface HttpOptions {
  /** Finds who a bearer token belongs to; undefined = unknown token. */
  authenticate(token: string): Promise<Principal | undefined>;
  version: string;
  tls?: { certPem: string; keyPem: string };
}

const BODY_LIMIT_BYTES = 1024 * 1024;
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
};

export type HttpServer = Awaited<ReturnType<typeof createHttp>>;

/**
 * Builds the process's one HTTP server, not yet listening: zod-typed routes, problem+json errors, security headers,
 * WebSocket upgrades and the OpenAPI collection. Services add their routes to it before it listens.
 */
export async function createHttp(options: HttpOptions) {
  const server = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 15_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    ...(options.tls && { https: { cert: options.tls.certPem, key: options.tls.keyPem, minVersion: 'TLSv1.2' } }),
  } as object) as FastifyInstance;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.decorateRequest('principal', null as unknown as Principal);
  server.setErrorHandler((error, _request, reply) => {
    const problem = toProblem(error);
    if (problem.status === 429 || problem.status === 503) void reply.header('retry-after', '5');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  server.setNotFoundHandler((request, reply) => {
    const problem = toProblem(new RondeError('RESOURCE_UNKNOWN', `nothing at ${request.method} ${request.url.split('?')[0]}`));
    return reply.status(404).type('application/problem+json').send(JSON.stringify(problem));
  });
  server.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS).header('api-version', options.version));
  server.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ronde',
        version: options.version,
        description: 'Fill levels, forecasts and cleaning rounds.',
        contact: { name: 'Ronde maintainers', url: 'https://localhost/', email: 'maintainers@localhost' },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
  });
  await server.register(fastifyWebsocket, { options: { maxPayload: 64 * 1024, perMessageDeflate: false } });
  server.addHook('onRequest', async (request) => { authenticators.set(request, options.authenticate); });
  return server.withTypeProvider<ZodTypeProvider>();
}

// Per request, so that `allow` needs no reference to the server that a route was added to.
const authenticators = new WeakMap<FastifyRequest, HttpOptions['authenticate']>();

/**
 * Makes the guard of a route: the call must carry a bearer token with one of the roles.
 * @throws RondeError TOKEN_MISSING, TOKEN_UNKNOWN or ROLE_INSUFFICIENT
 */
export function allow(...roles: Role[]): preHandlerAsyncHookHandler {
  return async (request) => {
    const header = request.headers.authorization;
    const token = header?.startsWith('Bearer ') ? header.slice(7).trim() : undefined;
    if (!token) throw new RondeError('TOKEN_MISSING', 'this call needs a bearer token');
    const principal = await authenticators.get(request)?.(token);
    if (!principal) throw new RondeError('TOKEN_UNKNOWN', 'the bearer token is not known');
    if (!roles.includes(principal.role)) {
      throw new RondeError('ROLE_INSUFFICIENT', `the role ${principal.role} may not do this; needed: ${roles.join(' or ')}`);
    }
    request.principal = principal;
  };
}
