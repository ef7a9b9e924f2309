import { openByUrl, type Logger } from '@ronde/kit';
import type { Bus } from './port.ts';

/**
 * Opens the bus that a URL names; `memory:` is the only one so far.
 * @throws (by rejection) RondeError CONFIG_INVALID for a scheme that no adapter serves
 */
export function openBus(url: string, log: Logger): Promise<Bus> {
  return openByUrl(url, {
    variable: 'BUS_URL',
    noun: 'bus',
    adapters: { memory: async () => (await import('./adapters/memory.ts')).openMemoryBus(log) },
  });
}
