import { connect, type MqttClient } from 'mqtt';
import type { SimLog } from '../clock.ts';

/** One MQTT connection that comes back by itself and counts what the broker acknowledged. */
export interface Wire {
  /** Publishes with QoS 1; true when the broker acknowledged it. */
  publish(topic: string, body: string | Uint8Array, options?: { dup?: boolean }): Promise<boolean>;
  /** Resolves when connected, or rejects when the broker refuses the credentials within the time. */
  ready(timeoutMs: number): Promise<void>;
  readonly connected: boolean;
  close(): Promise<void>;
}

export interface WireOptions {
  url: string;
  clientId: string;
  username: string;
  password: string;
  log?: SimLog | undefined;
  onAck?: () => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Beyond this many unacknowledged messages new ones are given up: a device has little memory. */
const MAX_WAITING = 5_000;
const LAST_ACKS_MS = 3_000;

/** Opens a connection; it is usable at once and sends when it can. */
export function openWire({ url, clientId, username, password, log, onAck }: WireOptions): Wire {
  let retryMs = FIRST_RETRY_MS;
  let waiting = 0;
  let lastFault = '';
  const client: MqttClient = connect(url, {
    clientId,
    username,
    password,
    clean: true,
    protocolVersion: 4,
    keepalive: 60,
    reconnectPeriod: retryMs,
    reconnectOnConnackError: true,
    connectTimeout: 10_000,
    resubscribe: false,
  });
  client.on('connect', () => {
    retryMs = FIRST_RETRY_MS;
    client.options.reconnectPeriod = retryMs;
    lastFault = '';
  });
  client.on('close', () => {
    // the client reads the period when it plans the next attempt, which is after this event
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    client.options.reconnectPeriod = retryMs;
  });
  client.on('error', (error) => {
    if (error.message !== lastFault) log?.warn({ client: clientId, fault: error.message }, 'sim.wire.fail');
    lastFault = error.message;
  });
  return {
    get connected() {
      return client.connected;
    },
    async publish(topic, body, { dup = false } = {}) {
      if (waiting >= MAX_WAITING) return false;
      waiting += 1;
      try {
        await client.publishAsync(topic, typeof body === 'string' ? body : Buffer.from(body), { qos: 1, dup });
        onAck?.();
        return true;
      } catch {
        return false;
      } finally {
        waiting -= 1;
      }
    },
    ready: (timeoutMs) => untilConnected(client, timeoutMs, () => lastFault),
    async close() {
      // a broker that stalls must not hold up the end
      const force = setTimeout(() => client.end(true), LAST_ACKS_MS);
      await client.endAsync(!client.connected).catch(() => undefined);
      clearTimeout(force);
    },
  };
}

function untilConnected(client: MqttClient, timeoutMs: number, fault: () => string): Promise<void> {
  if (client.connected) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onConnect = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      client.off('connect', onConnect);
      reject(new Error(fault() || 'the broker does not answer'));
    }, timeoutMs);
    client.once('connect', onConnect);
  });
}
