import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import { toFault } from './faults.ts';
import { migrate } from './schema.ts';

/** Brings a file that nobody uses to a version of its schema; gives the version before. */
export function changeFileSchema(location: string, dataDir: string, to: number): number {
  const file = location || join(dataDir, 'registry.sqlite');
  if (!existsSync(file)) throw new RondeError('REGISTRY_UNREACHABLE', `registry: there is no ${file}`);
  try {
    const db = new DatabaseSync(file);
    try {
      return migrate(db, { to });
    } finally {
      db.close();
    }
  } catch (error) {
    throw toFault(error);
  }
}
