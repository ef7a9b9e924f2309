import { openByUrl, type Logger } from '@ronde/kit';
import type { Bus } from './port.ts';

/**
 * Opens the bus that a URL names: `memory:` within one process, `redis://host:6379` (Redis, Valkey) or `mqtt://host:1883`
 * between processes; `rediss:` and `mqtts:` over TLS.
 * @throws (by rejection) RondeError CONFIG_INVALID for a scheme that no adapter serves, BUS_UNREACHABLE
 */
export function openBus(url: string, log: Logger): Promise<Bus> {
  const redis = async (): Promise<Bus> => {
    const [{ openSharedBus }, { redisChannel }] = await Promise.all([
      import('./adapters/shared.ts'),
      import('./adapters/redis.ts'),
    ]);
    return openSharedBus(redisChannel(url), log);
  };
  const mqtt = async (): Promise<Bus> => {
    const [{ openSharedBus }, { mqttChannel }] = await Promise.all([
      import('./adapters/shared.ts'),
      import('./adapters/mqtt.ts'),
    ]);
    return openSharedBus(mqttChannel(url), log);
  };
  return openByUrl(url, {
    variable: 'BUS_URL',
    noun: 'bus',
    adapters: {
      memory: async () => (await import('./adapters/memory.ts')).openMemoryBus(log),
      redis,
      rediss: redis,
      mqtt,
      mqtts: mqtt,
    },
  });
}
