import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openLog } from '@ronde/kit';
import { openReadings, type ReadingsStore } from '@ronde/readings';
import { openRegistry, type Registry } from '@ronde/registry';
import type { AllConfigs } from '@ronde/run';
import { EXIT, Exit } from '../exit.ts';

type StoreName = 'registry.sqlite' | 'readings.sqlite' | 'inbox.sqlite';

/** A store that is a SQLite file. */
export interface StoreFile {
  /** Name in the archive. */
  name: StoreName;
  path: string;
}
/** A store on a server; in an archive it is a SQLite file all the same. */
export interface ServerStore {
  name: 'registry.sqlite' | 'readings.sqlite';
  variable: 'REGISTRY_URL' | 'READINGS_URL';
  url: string;
}
export type Store = StoreFile | ServerStore;

/**
 * Finds the stores of a configuration. Sinks come first and the inbox last: what the copy of a sink lacks is then in
 * the copy of the inbox, and is handled again after a restore. The registry is first of all, since a crew's event
 * in it must find its readings.
 * @throws Exit 2 for stores that cannot be copied
 */
export function storesOf({ DATA_DIR, REGISTRY_URL, READINGS_URL }: AllConfigs['platform']): Store[] {
  const dataDir = resolve(DATA_DIR);
  const at = (name: ServerStore['name'], variable: ServerStore['variable'], url: string): Store => {
    if (/^postgres(ql)?:/.test(url)) return { name, variable, url };
    const location = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
    if (location === undefined || location === ':memory:')
      throw new Exit(EXIT.USAGE, `${variable} is neither SQLite nor PostgreSQL; back that store up with its own tools`);
    return { name, path: location === '' ? join(dataDir, name) : resolve(location) };
  };
  return [
    at('registry.sqlite', 'REGISTRY_URL', REGISTRY_URL),
    at('readings.sqlite', 'READINGS_URL', READINGS_URL),
    { name: 'inbox.sqlite', path: join(dataDir, 'inbox', 'inbox.sqlite') },
  ];
}

export function isFile(store: Store): store is StoreFile {
  return 'path' in store;
}

/** Lists the files that should be there and are not. */
export function missingFiles(stores: Store[]): string[] {
  return stores.filter(isFile).flatMap(({ path }) => (existsSync(path) ? [] : [path]));
}

/** Writes a store on a server into one new SQLite file, as of one moment. */
export async function copyFromServer(store: ServerStore, file: string): Promise<void> {
  await using opened = await openStore(store.name, store.url);
  await opened.store.backup(file);
}

/** Fills a store on a server from a SQLite file. */
export async function copyToServer(store: ServerStore, file: string, replace: boolean): Promise<void> {
  if (store.name === 'registry.sqlite') {
    await using from = await openStore(store.name, `sqlite:${file}`);
    await using to = await openStore(store.name, store.url);
    await (to.store as Registry).load((take) => (from.store as Registry).dump(take), { replace });
  } else {
    await using from = await openStore(store.name, `sqlite:${file}`);
    await using to = await openStore(store.name, store.url);
    await (to.store as ReadingsStore).load((take) => (from.store as ReadingsStore).dump(take), { replace });
  }
}

async function openStore(name: ServerStore['name'], url: string) {
  const options = { dataDir: '.', log: openLog('warn') };
  const store = await (name === 'registry.sqlite' ? openRegistry(url, options) : openReadings(url, options));
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
