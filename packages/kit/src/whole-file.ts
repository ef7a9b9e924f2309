import { existsSync, rmSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { RondeError } from '@ronde/contracts';

/**
 * Writes a SQLite file that appears whole or not at all: `write` fills and closes the one it is given.
 * @throws (by rejection) RondeError RESOURCE_EXISTS when the file is there already
 */
export async function writeWhole(file: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${file}.part`;
  if (existsSync(file)) throw new RondeError('RESOURCE_EXISTS', `backup: ${file} is already there`);
  const giveUp = (): void => {
    for (const path of [part, `${part}-wal`, `${part}-shm`]) rmSync(path, { force: true });
  };
  giveUp();
  try {
    await write(part);
    await link(part, file);
  } finally {
    giveUp();
  }
}
