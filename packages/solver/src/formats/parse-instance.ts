import { CONVENTIONS, isConvention } from './conventions.ts';
import { readCordeau } from './cordeau.ts';
import { refuse } from './instance.ts';
import type { Parsed } from './instance.ts';
import { parseRonde } from './ronde.ts';
import { toInstance } from './sheet-instance.ts';
import type { SheetResult } from './sheet-instance.ts';
import { readSolomon } from './solomon.ts';
import { readVrplib } from './vrplib.ts';

/** Formats that are read. */
export const FORMATS = ['vrplib', 'solomon', 'cordeau', 'ronde'] as const;

type SheetFormat = Exclude<(typeof FORMATS)[number], 'ronde'>;

const READERS: Readonly<Record<SheetFormat, (text: string) => SheetResult>> = {
  vrplib: readVrplib,
  solomon: readSolomon,
  cordeau: readCordeau,
};

/** How to read a file; what is absent is found out from the text. */
export interface ReadOptions {
  readonly format?: string;
  /** a name of CONVENTIONS; none is taken for real */
  readonly rounding?: string;
  /** name of the instance where the file has none */
  readonly name?: string;
}

function recognise(text: string): string | undefined {
  const start = text
    .slice(0, 100_000)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return 'ronde';
  if (/^[A-Z_]+_SECTION\b/m.test(start) || /^[A-Z][A-Z_0-9]*\s*:/m.test(start)) return 'vrplib';
  if (/^\s*(VEHICLE|CUSTOMER)\s*$/im.test(start)) return 'solomon';
  return /^\d+[ \t]+\d+[ \t]+\d+[ \t]+\d+[ \t]*$/m.test(start.split(/[\r\n]/, 1)[0]!) ? 'cordeau' : undefined;
}

/**
 * Reads a routing instance: TSPLIB, CVRPLIB and its dialect, Solomon, Cordeau, or the Ronde JSON.
 * @returns the instance, or every fault with its line or field and the remedy
 */
export function parseInstance(text: string, options: ReadOptions = {}): Parsed {
  const format = options.format ?? recognise(text);
  const known = FORMATS.find((name) => name === format);
  if (!known) {
    const message = `${options.format ?? 'what this file holds'} is not read; give a file of one of these formats: ${FORMATS.join(', ')}`;
    return refuse({ field: 'format', message });
  }
  const rounding = options.rounding === 'none' ? 'real' : options.rounding;
  if (rounding !== undefined && !isConvention(rounding))
    return refuse({ field: 'rounding', message: `${rounding} is not one of ${Object.keys(CONVENTIONS).join(', ')}` });
  if (known === 'ronde') return parseRonde(text);
  const read = READERS[known](text);
  if (!read.ok) return refuse(...read.faults);
  const { sheet } = read;
  return toInstance({ ...sheet, name: sheet.name || options.name || 'unnamed' }, rounding);
}
