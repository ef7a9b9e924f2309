import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openLog } from '@ronde/kit';
import { INFLUX_JOURNAL_FILE, openReadings, type InfluxOptions, type ReadingsStore } from '@ronde/readings';
import { openRegistry, type Registry } from '@ronde/registry';
import { influxOptions, type AllConfigs } from '@ronde/run';
import { EXIT, Exit } from '../exit.ts';

type StoreName = 'registry.sqlite' | 'readings.sqlite' | typeof INFLUX_JOURNAL_FILE | 'inbox.sqlite';

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
  /** Of readings in InfluxDB, which has its journal in DATA_DIR. */
  influx?: InfluxOptions;
  dataDir: string;
}
export type Store = StoreFile | ServerStore;

/**
 * Finds the stores of a configuration. Sinks come first and the inbox last: what the copy of a sink lacks is then in
 * the copy of the inbox, and is handled again after a restore. The registry is first of all, since a crew's event
 * in it must find its readings.
 * @param influx what an archive has of readings in InfluxDB: the journal, the readings themselves, or (to restore) either
 * @throws Exit 2 for stores that cannot be copied
 */
export function storesOf(
  platform: AllConfigs['platform'],
  influx: readonly ('journal' | 'readings')[] = ['journal', 'readings'],
): Store[] {
  const { REGISTRY_URL, READINGS_URL } = platform;
  const dataDir = resolve(platform.DATA_DIR);
  const at = (name: ServerStore['name'], variable: ServerStore['variable'], url: string): Store => {
    if (/^postgres(ql)?:/.test(url)) return { name, variable, url, dataDir };
    const location = url.slice('sqlite:'.length);
    if (location === ':memory:')
      throw new Exit(EXIT.USAGE, `${variable} is a store in memory: there is nothing that a backup could keep`);
    return { name, path: location === '' ? join(dataDir, name) : resolve(location) };
  };
  const journal: Store = { name: INFLUX_JOURNAL_FILE, path: join(dataDir, INFLUX_JOURNAL_FILE) };
  const inInflux: Store = {
    name: 'readings.sqlite',
    variable: 'READINGS_URL',
    url: READINGS_URL,
    influx: influxOptions(platform),
    dataDir,
  };
  const readings = isInflux(platform)
    ? influx.map((part) => (part === 'journal' ? journal : inInflux))
    : [at('readings.sqlite', 'READINGS_URL', READINGS_URL)];
  return [
    at('registry.sqlite', 'REGISTRY_URL', REGISTRY_URL),
    ...readings,
    { name: 'inbox.sqlite', path: join(dataDir, 'inbox', 'inbox.sqlite') },
  ];
}

export function isInflux({ READINGS_URL }: Pick<AllConfigs['platform'], 'READINGS_URL'>): boolean {
  return READINGS_URL.startsWith('influxdb+');
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
  await using opened = await openStore(store);
  await opened.store.backup(file);
}

/** Fills a store on a server from a SQLite file. */
export async function copyToServer(store: ServerStore, file: string, replace: boolean): Promise<void> {
  await using from = await openStore({ ...store, url: `sqlite:${file}` });
  await using to = await openStore(store);
  if (store.name === 'registry.sqlite')
    await (to.store as Registry).load((take) => (from.store as Registry).dump(take), { replace });
  else await (to.store as ReadingsStore).load((take) => (from.store as ReadingsStore).dump(take), { replace });
}

async function openStore({ name, url, influx, dataDir }: ServerStore) {
  const options = { dataDir, log: openLog('warn'), ...(influx && { influx }) };
  const store = await (name === 'registry.sqlite' ? openRegistry(url, options) : openReadings(url, options));
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
