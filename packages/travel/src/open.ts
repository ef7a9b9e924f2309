import { openByUrl } from '@ronde/kit';
import type { Travel } from './port.ts';

/**
 * Opens the travel back-end that a URL names; `straight-line:` is the only one so far.
 * @throws (by rejection) RondeError CONFIG_INVALID for a scheme that no adapter serves
 */
export function openTravel(url: string): Promise<Travel> {
  return openByUrl(url, {
    variable: 'TRAVEL_URL',
    noun: 'travel back-end',
    adapters: { 'straight-line': async () => (await import('./adapters/straight-line.ts')).openStraightLine() },
  });
}
