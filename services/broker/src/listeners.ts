import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, createServer as createTlsServer } from 'node:tls';
import { openCertificate, type CertificateDeps, type HttpServer } from '@ronde/kit';
import { createWebSocketStream, type WebSocket } from 'ws';
import type { BrokerConfig } from './config.ts';

/** Takes a connection of any transport. */
export type Accept = (conn: Duplex, address: string) => void;

export interface Listener {
  port: number;
  /** Stops taking connections; resolves when the last one has gone. */
  close(): Promise<void>;
  /** Reads renewed certificate files now; TLS only. */
  checkCertificate?(): void;
}

export async function listenTcp(config: BrokerConfig, accept: Accept): Promise<Listener> {
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => accept(socket, addressOf(socket)));
  return listening(server, config.MQTT_PORT, config.HOST);
}

/** Listens with TLS; a renewed certificate is used without a restart. */
export async function listenTls(
  config: BrokerConfig,
  { accept, ...deps }: CertificateDeps & { accept: Accept },
): Promise<Listener | undefined> {
  if (config.MQTTS_PORT === 'off') return undefined;
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, MQTTS_CLIENT_CA_FILE: clientCaFile } = config;
  const certificate = openCertificate({ certFile, keyFile, clientCaFile }, deps);
  const server = createTlsServer(
    {
      ...certificate.options,
      requestCert: clientCaFile !== undefined,
      rejectUnauthorized: config.MQTTS_CLIENT_CERT === 'required',
      handshakeTimeout: config.MQTT_CONNECT_TIMEOUT_MS,
      noDelay: true,
      keepAlive: true,
    },
    (socket) => accept(socket, addressOf(socket)),
  );
  certificate.follow(server);
  // failed handshakes are the client's affair; the socket closes itself
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const listener = await listening(server, config.MQTTS_PORT, config.HOST).catch((thrown: unknown) => {
    certificate.close();
    throw thrown;
  });
  return {
    ...listener,
    checkCertificate: () => certificate.check(),
    close() {
      certificate.close();
      return listener.close();
    },
  };
}

/** Gives the names in a connection's client certificate, when our authority signed it: common name and DNS names. */
export function certifiedNames(conn: unknown): string[] | undefined {
  if (!(conn instanceof TLSSocket) || !conn.authorized) return undefined;
  const { subject, subjectaltname = '' } = conn.getPeerCertificate();
  const { CN = [] } = subject as { CN?: string | string[] };
  const dnsNames = [...subjectaltname.matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name!);
  return [...(Array.isArray(CN) ? CN : [CN]), ...dnsNames];
}

/** Serves MQTT over WebSocket at `/mqtt` of the process's HTTP server. */
export function routeWebSocket(http: HttpServer, accept: Accept): void {
  http.get('/mqtt', { websocket: true, schema: { hide: true } }, (socket, request) => {
    const ws = socket as unknown as WebSocket;
    // [MQTT-6.0.0-3]: the client must offer "mqtt"; ws answers with the first name offered
    if (ws.protocol !== 'mqtt') return ws.close(1002, 'subprotocol mqtt is needed');
    accept(createWebSocketStream(ws), request.socket.remoteAddress ?? 'unknown');
  });
}

async function listening(server: Server, port: number, host: string): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 1_024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const addressOf = (socket: Socket): string => socket.remoteAddress ?? 'unknown';
