import { z } from 'zod';
import { serveDocs, serveStatic } from '@ronde/kit';
import type { ApiDeps } from '../deps.ts';

const About = z.object({
  status: z.enum(['ok', 'not-ready']),
  version: z.string(),
  commit: z.string(),
  roles: z.array(z.string()),
});

/** Adds what needs no login: API document and its viewer, health, metrics and the screens. */
export async function addPlatform(deps: ApiDeps): Promise<void> {
  const { http, health, metrics, version, commit, roles } = deps;
  http.get('/v1/openapi.json', {
    schema: { summary: 'This API as OpenAPI 3.1', tags: ['platform'] },
    handler: async (_request, reply) => {
      void reply.header('access-control-allow-origin', '*').type('application/json');
      return reply.send(JSON.stringify(http.swagger()));
    },
  });
  http.get('/health', {
    schema: { response: { 200: About } },
    handler: async () => ({
      status: health.report().ready ? ('ok' as const) : ('not-ready' as const),
      version,
      commit,
      roles,
    }),
  });
  http.get('/health/live', async () => ({ status: 'ok' }));
  http.get('/health/ready', async (_request, reply) => {
    const { ready, status, parts } = health.report();
    return reply.status(ready ? 200 : 503).send({ status, parts });
  });
  http.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  await serveDocs(http);
  await serveStatic(http, { root: deps.webDir, pages: ['ops', 'crew', 'console'] });
}
