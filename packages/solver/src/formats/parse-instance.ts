import { refuse } from './instance.ts';
import type { Parsed } from './instance.ts';
import { parseRonde } from './ronde.ts';
import { parseVrplib } from './vrplib.ts';

/** Formats that are read now. */
export const FORMATS = ['vrplib', 'ronde'] as const;

function recognise(text: string): string {
  const start = text.trimStart();
  if (start.startsWith('{')) return 'ronde';
  return /^[A-Z_]+\s*:/m.test(start) || /^[A-Z_]+_SECTION\s*$/m.test(start) ? 'vrplib' : 'unknown';
}

/**
 * Reads a routing instance: a CVRPLIB file or the waste JSON.
 * @param options format: recognised by the text when absent
 * @returns the instance, or every fault with its line or field and the remedy
 */
export function parseInstance(text: string, options: { readonly format?: string } = {}): Parsed {
  const format = options.format ?? recognise(text);
  if (format === 'ronde') return parseRonde(text);
  if (format === 'vrplib') return parseVrplib(text);
  return refuse({
    field: 'format',
    message: `${format} is not read; give a file of one of these formats: ${FORMATS.join(', ')}`,
  });
}
