import { randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import { RondeError } from '@ronde/contracts';
import type { OpenChannel } from './shared.ts';

const CONNECT_MS = 10_000;
const RECONNECT_MS = 500;

/**
 * Opens a channel over an outside MQTT broker, QoS 0. `?topic=` in the URL tells installations on one broker apart; only
 * Ronde's own processes may publish and subscribe there.
 * @throws (by rejection) RondeError BUS_UNREACHABLE when nobody answers in time
 */
export function mqttChannel(url: string): OpenChannel {
  const parsed = new URL(url);
  const topic = parsed.searchParams.get('topic') ?? 'ronde/bus';
  parsed.search = '';
  return async ({ onText, onUp, onDown }) => {
    const client = mqtt.connect(parsed.href, {
      clientId: `ronde-bus-${randomUUID()}`,
      clean: true,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: RECONNECT_MS,
      // an event that cannot be sent now is missed and noticed; a queue would grow while the broker is away
      queueQoSZero: false,
      resubscribe: false,
    });
    client.on('message', (_topic, payload) => onText(payload.toString()));
    client.on('error', (error) => onDown(error.message));
    client.on('close', () => onDown('the connection is closed'));
    const subscribe = async (): Promise<void> => {
      const [granted] = await client.subscribeAsync(topic, { qos: 0 });
      if (granted && granted.qos >= 128) throw new Error(`the subscription to ${topic} is refused`);
      onUp();
    };
    let isFirst = true;
    client.on('connect', () => {
      if (!isFirst) subscribe().catch((error: Error) => onDown(error.message));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no answer within ${CONNECT_MS / 1000} s`)), CONNECT_MS);
        const ended = (): void => clearTimeout(late);
        client.once('connect', () => resolve()).once('connect', ended);
        client.once('error', reject).once('error', ended);
      });
      await subscribe();
      isFirst = false;
    } catch (cause) {
      client.end(true);
      throw new RondeError('BUS_UNREACHABLE', `${parsed.host} does not answer: ${(cause as Error).message}`, { cause });
    }
    return {
      send(text) {
        if (!client.connected) return false;
        // the next number tells the others; whether the connection is gone, its own events tell
        client.publish(topic, text, { qos: 0 }, () => undefined);
        return true;
      },
      close: () => client.endAsync(),
    };
  };
}
