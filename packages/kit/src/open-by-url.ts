import { RondeError } from '@ronde/contracts';

/**
 * Opens the adapter that a URL's scheme names, with what stands after the colon.
 * @throws (by rejection) RondeError CONFIG_INVALID for a scheme that no adapter serves; only the scheme is told, since
 * the rest may hold a password
 */
export async function openByUrl<T>(
  url: string,
  options: { variable: string; noun: string; adapters: Record<string, (location: string) => Promise<T>> },
): Promise<T> {
  const { variable, noun, adapters } = options;
  const colon = url.indexOf(':');
  const scheme = colon > 0 ? url.slice(0, colon) : undefined;
  const open = scheme !== undefined && Object.hasOwn(adapters, scheme) ? adapters[scheme] : undefined;
  if (open) return open(url.slice(colon + 1));
  const known = Object.keys(adapters).map((name) => `${name}:`);
  const given = scheme === undefined ? url : `${scheme}:`;
  throw new RondeError('CONFIG_INVALID', `${variable} ${given}: no such ${noun}; known: ${known.join(', ')}`);
}
