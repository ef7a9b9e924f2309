import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AllConfigs } from '@ronde/run';
import { EXIT, Exit } from '../exit.ts';

/** The files that hold all state, in the order in which a backup must copy them. */
export interface StoreFile {
  /** Name in the archive. */
  name: 'registry.sqlite' | 'readings.sqlite' | 'inbox.sqlite';
  path: string;
}

/**
 * Finds the stores of a configuration. Sinks come first and the inbox last: what the copy of a sink lacks is then in
 * the copy of the inbox, and is handled again after a restore. The registry is first of all, since a crew's event
 * in it must find its readings.
 * @throws Exit 2 for stores that are no SQLite files
 */
export function storeFiles({ DATA_DIR, REGISTRY_URL, READINGS_URL }: AllConfigs['platform']): StoreFile[] {
  const dataDir = resolve(DATA_DIR);
  const at = (variable: string, url: string, usual: string): string => {
    const location = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
    if (location === undefined || location === ':memory:') {
      throw new Exit(EXIT.USAGE, `${variable} is no SQLite file; back that store up with its own tools`);
    }
    return location === '' ? join(dataDir, usual) : resolve(location);
  };
  return [
    { name: 'registry.sqlite', path: at('REGISTRY_URL', REGISTRY_URL, 'registry.sqlite') },
    { name: 'readings.sqlite', path: at('READINGS_URL', READINGS_URL, 'readings.sqlite') },
    { name: 'inbox.sqlite', path: join(dataDir, 'inbox', 'inbox.sqlite') },
  ];
}

/** Lists the stores whose files are there. */
export function present(stores: StoreFile[]): StoreFile[] {
  return stores.filter(({ path }) => existsSync(path));
}
