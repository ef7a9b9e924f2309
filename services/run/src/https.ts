import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { HttpServer } from '@ronde/kit';
import type { PlatformConfig } from './config.ts';

/** Serves the same routes and WebSockets over TLS beside HTTP; undefined when HTTPS_PORT is off. Tablets need a secure origin. */
export async function openHttps(
  http: HttpServer,
  { HOST, HTTPS_PORT, TLS_CERT_FILE, TLS_KEY_FILE }: PlatformConfig,
): Promise<{ port: number; close(): Promise<void> } | undefined> {
  if (HTTPS_PORT === 'off' || !TLS_CERT_FILE || !TLS_KEY_FILE) return undefined;
  const server = createServer({
    cert: readFileSync(TLS_CERT_FILE),
    key: readFileSync(TLS_KEY_FILE),
    minVersion: 'TLSv1.2',
  });
  server.on('request', (request, response) => http.routing(request, response));
  server.on('upgrade', (request, socket, head) => http.server.emit('upgrade', request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(HTTPS_PORT, HOST, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
