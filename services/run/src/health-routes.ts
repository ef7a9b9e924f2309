import type { Health, HttpServer, Metrics } from '@ronde/kit';

/** Adds health and metrics to a process without the API, which has them among its own routes. */
export function addHealthRoutes(
  http: HttpServer,
  { health, metrics, ...about }: { health: Health; metrics: Metrics; version: string; commit: string; roles: string[] },
): void {
  http.get('/health', async () => ({ status: health.report().ready ? 'ok' : 'not-ready', ...about }));
  http.get('/health/live', async () => ({ status: 'ok' }));
  http.get('/health/ready', async (_request, reply) => {
    const { ready, status, parts } = health.report();
    return reply.status(ready ? 200 : 503).send({ status, parts });
  });
  http.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
}
