import { RondeError } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import type { Bus } from './port.ts';

/**
 * Opens the bus that a URL names; `memory:` is the only one so far.
 * @throws RondeError CONFIG_INVALID for a scheme that no adapter serves
 */
export async function openBus(url: string, log: Logger): Promise<Bus> {
  if (url === 'memory:') return (await import('./adapters/memory.ts')).openMemoryBus(log);
  throw new RondeError('CONFIG_INVALID', `BUS_URL ${url}: no such bus; known: memory:`);
}
