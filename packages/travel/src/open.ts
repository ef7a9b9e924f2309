import { RondeError } from '@ronde/contracts';
import type { Travel } from './port.ts';

/**
 * Opens the travel back-end that a URL names; `straight-line:` is the only one so far.
 * @throws RondeError CONFIG_INVALID for a scheme that no adapter serves
 */
export async function openTravel(url: string): Promise<Travel> {
  if (url === 'straight-line:') return (await import('./adapters/straight-line.ts')).openStraightLine();
  throw new RondeError('CONFIG_INVALID', `TRAVEL_URL ${url}: no such travel back-end; known: straight-line:`);
}
