import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FastifyReply, RouteGenericInterface } from 'fastify';
import type { HttpServer } from './http.ts';

const SCREENS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
  "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
// the viewer sets style attributes
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'self'; frame-ancestors 'none'";
const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Ronde: screens not built</title>
<h1>The screens are not built yet</h1><p>Run <code>npm run build</code> and start Ronde again. The API works: see <a href="/docs">/docs</a>.</p>`;
// Vite puts a hash of the content before the extension
const HASHED = /-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$/;

/**
 * Serves a Vite build with several pages: `/` and one page per name in `pages`. Hashed assets never expire, pages are
 * asked for again each time. Without a build every page answers 503 with the remedy.
 */
export async function serveStatic(
  server: HttpServer,
  options: { root?: string | undefined; pages: string[] },
): Promise<void> {
  const { root } = options;
  const built = root !== undefined && existsSync(join(root, 'index.html'));
  if (built) {
    const { default: fastifyStatic } = await import('@fastify/static');
    await server.register(fastifyStatic, {
      root,
      index: false,
      dotfiles: 'deny',
      cacheControl: false,
      setHeaders: (reply, path) =>
        void (reply as unknown as FastifyReply<RouteGenericInterface>).headers(headersOf(relative(root, path))),
    });
  }
  for (const page of ['', ...options.pages]) {
    const paths = page === '' ? ['/'] : [`/${page}`, `/${page}/`];
    for (const path of paths) {
      server.get(path, { schema: { hide: true } }, async (_request, reply) =>
        built
          ? reply.sendFile(join(page, 'index.html'))
          : reply.status(503).type('text/html; charset=utf-8').header('retry-after', '30').send(NOT_BUILT),
      );
    }
  }
}

/** Shows the OpenAPI document for people at `/docs`. */
export async function serveDocs(server: HttpServer): Promise<void> {
  const { default: fastifySwaggerUi } = await import('@fastify/swagger-ui');
  await server.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    uiConfig: { url: '/v1/openapi.json', persistAuthorization: false },
  });
}

function headersOf(path: string): Record<string, string> {
  const hashed = HASHED.test(path) && !path.endsWith('.html');
  return {
    'content-security-policy': SCREENS_CSP,
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}
