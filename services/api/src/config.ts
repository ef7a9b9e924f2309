import { z } from 'zod';

const HostList = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** Environment of the API. */
export const ApiConfig = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address the HTTP server listens on'),
  HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe('Port of the HTTP server; 0 = any free one'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address under which browsers reach Ronde; its origin may open WebSockets'),
  TRUSTED_PROXIES: HostList.default([]).describe(
    'Comma-separated addresses or CIDR ranges of reverse proxies whose X-Forwarded-* headers are believed',
  ),
  TENANT: z.string().min(1).default('default').describe('Tenant of the admin token and of the demo'),
  LIVE_AUTH_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(5000)
    .describe('Time a live connection has to send its token [ms]'),
  LIVE_HEARTBEAT_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(15_000)
    .describe('Time between heartbeats of live connections [ms]; two misses end one'),
  LIVE_RECHECK_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(60_000)
    .describe('Time between checks of the tokens behind live connections [ms]'),
  LIVE_CLIENTS_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(2000)
    .describe('Most live connections at once; more are refused with 503'),
});
export type ApiConfig = z.infer<typeof ApiConfig>;
