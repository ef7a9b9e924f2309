import { readFileSync, writeFileSync } from 'node:fs';
import { EXIT, Exit } from './exit.ts';

/** Prints exactly one JSON object, or lines for people. */
export function print(result: object, options: { json?: boolean | undefined; lines: () => string[] }): void {
  const text = options.json ? JSON.stringify(result) : options.lines().join('\n');
  process.stdout.write(`${text}\n`);
}

/** Reads a text file; a file that cannot be read is bad usage. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Exit(EXIT.USAGE, `cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Begins a file anew; one that cannot be written is bad usage. */
export function beginFile(file: string): void {
  try {
    writeFileSync(file, '');
  } catch (error) {
    throw new Exit(EXIT.USAGE, `cannot write ${file}: ${(error as Error).message}`);
  }
}

/** Reads a JSON Lines file; a line that is not JSON is bad usage, told with its number. */
export function readJsonLines(file: string): unknown[] {
  return readText(file)
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        throw new Exit(EXIT.USAGE, `${file}, line ${index + 1}: not JSON`);
      }
    });
}

/** Reads a whole number option within bounds. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new Exit(EXIT.USAGE, `--${name} must be a whole number from ${min} to ${max}, not ${text}`);
    return value;
  };
}

/** Reads a positive number option. */
export function positiveNumber(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= 0)
      throw new Exit(EXIT.USAGE, `--${name} must be a number above 0, not ${text}`);
    return value;
  };
}
