import { createClient } from '@redis/client';
import { RondeError } from '@ronde/contracts';
import type { OpenChannel } from './shared.ts';

const CONNECT_MS = 10_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Opens a channel over Redis or Valkey publish/subscribe. `?channel=` in the URL tells installations on one server apart.
 * @throws (by rejection) RondeError BUS_UNREACHABLE when nobody answers in time
 */
export function redisChannel(url: string): OpenChannel {
  const parsed = new URL(url);
  const name = parsed.searchParams.get('channel') ?? 'ronde/bus';
  parsed.search = '';
  return async ({ onText, onUp, onDown }) => {
    let isOpen = false;
    const options = {
      url: parsed.href,
      // an event that cannot be sent now is missed and noticed; a queue would grow while the server is away
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_MS,
        reconnectStrategy: (retries: number) =>
          isOpen && Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(retries, 6)) * (0.5 + Math.random() / 2),
      },
    };
    const publisher = createClient(options);
    const subscriber = createClient(options);
    for (const client of [publisher, subscriber]) {
      client.on('error', (error: Error) => onDown(error.message));
      client.on('ready', () => isOpen && publisher.isReady && subscriber.isReady && onUp());
    }
    try {
      await Promise.all([publisher.connect(), subscriber.connect()]);
      // the client subscribes again by itself after each reconnect
      await subscriber.subscribe(name, onText);
    } catch (cause) {
      for (const client of [publisher, subscriber]) if (client.isOpen) client.destroy();
      throw new RondeError('BUS_UNREACHABLE', `${parsed.host} does not answer: ${(cause as Error).message}`, { cause });
    }
    isOpen = true;
    onUp();
    return {
      send(text) {
        if (!publisher.isReady) return false;
        // the next number tells the others; whether the connection is gone, its own events tell
        publisher.publish(name, text).catch(() => undefined);
        return true;
      },
      async close() {
        for (const client of [subscriber, publisher])
          if (client.isOpen) await client.close().catch(() => client.destroy());
      },
    };
  };
}
