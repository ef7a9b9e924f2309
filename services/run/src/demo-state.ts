import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SimState } from '@ronde/firmware-sim';

/** Reads where the simulation was; undefined when there is no file or an interrupted write spoilt it. */
export function readSimState(file: string): SimState | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SimState;
  } catch {
    return undefined;
  }
}

/** Writes it whole or not at all. */
export function writeSimState(file: string, state: SimState): void {
  const half = `${file}.new`;
  writeFileSync(half, JSON.stringify(state), { mode: 0o600 });
  renameSync(half, file);
}
