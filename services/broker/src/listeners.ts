import { readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { RondeError } from '@ronde/contracts';
import type { HttpServer } from '@ronde/kit';
import { createWebSocketStream, type WebSocket } from 'ws';
import type { BrokerConfig } from './config.ts';

/** Takes a connection of any transport. */
export type Accept = (conn: Duplex, address: string) => void;

export interface Listener {
  port: number;
  /** Stops taking connections; resolves when the last one has gone. */
  close(): Promise<void>;
}
const CERTIFICATE_CHECK_MS = 60_000;

export async function listenTcp(config: BrokerConfig, accept: Accept): Promise<Listener> {
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => accept(socket, addressOf(socket)));
  return listening(server, config.MQTT_PORT, config.HOST);
}

/** Listens with TLS 1.2 or newer; a renewed certificate is used without a restart. */
export async function listenTls(config: BrokerConfig, accept: Accept): Promise<Listener | undefined> {
  if (config.MQTTS_PORT === 'off') return undefined;
  const files = readCertificate(config);
  const server = createTlsServer(
    {
      ...files,
      minVersion: 'TLSv1.2',
      handshakeTimeout: config.MQTT_CONNECT_TIMEOUT_MS,
      noDelay: true,
      keepAlive: true,
    },
    (socket) => accept(socket, addressOf(socket)),
  );
  // failed handshakes are the client's affair; the socket closes itself
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const timer = watchCertificate(config, server);
  const listener = await listening(server, config.MQTTS_PORT, config.HOST).catch((thrown: unknown) => {
    clearInterval(timer);
    throw thrown;
  });
  return {
    ...listener,
    close() {
      clearInterval(timer);
      return listener.close();
    },
  };
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

function readCertificate(config: BrokerConfig): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(config.TLS_CERT_FILE), key: readFileSync(config.TLS_KEY_FILE) };
  } catch (cause) {
    throw new RondeError(
      'CONFIG_INVALID',
      `MQTTS_PORT needs TLS_CERT_FILE and TLS_KEY_FILE: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function watchCertificate(config: BrokerConfig, server: TlsServer): NodeJS.Timeout {
  const changedMs = (): number => statSync(config.TLS_CERT_FILE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  let seenMs = changedMs();
  return setInterval(() => {
    const nowMs = changedMs();
    if (nowMs === 0 || nowMs === seenMs) return;
    try {
      const files = readCertificate(config);
      // throws while only one of the two files is new: then the next check tries again
      createSecureContext(files);
      server.setSecureContext({ ...files, minVersion: 'TLSv1.2' });
      seenMs = nowMs;
    } catch {
      return;
    }
  }, CERTIFICATE_CHECK_MS).unref();
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
