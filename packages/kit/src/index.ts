/** What every service stands on: life cycle, clock, config, log, metrics, health, threads, ids and the HTTP server. */
export * from './service.ts';
export * from './clock.ts';
export * from './config.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './health.ts';
export * from './ids.ts';
export * from './seal.ts';
export * from './rng.ts';
export * from './thread.ts';
export * from './guard.ts';
export * from './idempotency.ts';
export * from './http.ts';
export * from './static-files.ts';
export * from './problem.ts';
export * from './origin.ts';
export * from './open-by-url.ts';
