import { createServer } from 'node:https';
import { openCertificate, type CertificateDeps, type HttpServer } from '@ronde/kit';
import type { PlatformConfig } from './config.ts';

/** Serves the same routes and WebSockets over TLS beside HTTP; undefined when HTTPS_PORT is off. Tablets need a secure origin. */
export async function openHttps(
  http: HttpServer,
  { HOST, HTTPS_PORT, TLS_CERT_FILE, TLS_KEY_FILE }: PlatformConfig,
  deps: CertificateDeps,
): Promise<{ port: number; close(): Promise<void> } | undefined> {
  if (HTTPS_PORT === 'off' || !TLS_CERT_FILE || !TLS_KEY_FILE) return undefined;
  const certificate = openCertificate({ certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE }, deps);
  const server = createServer(certificate.options);
  certificate.follow(server);
  server.on('request', (request, response) => http.routing(request, response));
  server.on('upgrade', (request, socket, head) => http.server.emit('upgrade', request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(HTTPS_PORT, HOST, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      certificate.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
