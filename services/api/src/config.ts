import { isIP } from 'node:net';
import { z } from 'zod';

const HostList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
  .refine((hosts) => hosts.every(isProxyAddress), 'only addresses, CIDR ranges, loopback, linklocal and uniquelocal');

/** Forms that Fastify's proxy trust understands (proxy-addr). */
function isProxyAddress(host: string): boolean {
  const [address = '', bits] = host.split('/');
  if (['loopback', 'linklocal', 'uniquelocal'].includes(host)) return true;
  return isIP(address) !== 0 && (bits === undefined || /^\d{1,3}$/.test(bits));
}

/** Environment of the API. */
export const ApiConfig = z.object({
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address the servers listen on; anything but loopback opens Ronde to the network'),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('HTTP port; 0 = any free one'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address under which browsers reach Ronde; its origin may open WebSockets'),
  TRUSTED_PROXIES: HostList.default([]).describe(
    'Comma-separated addresses or CIDR ranges of reverse proxies whose X-Forwarded-* headers are believed',
  ),
  TENANT: z.string().min(1).default('default').describe('tenant of this installation'),
  CONTACT_NAME: z
    .string()
    .max(200)
    .default('Operator of this installation')
    .describe('whom the API document names to ask'),
  CONTACT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('page about whom to ask, in the API document'),
  CONTACT_EMAIL: z.email().optional().describe('mail address to ask, in the API document'),
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
