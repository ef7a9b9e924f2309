import { openByUrl, type Logger } from '@ronde/kit';
import type { ReadingsStore } from './port.ts';

export interface ReadingsOptions {
  /** Directory of `readings.sqlite` when the URL names no file. */
  dataDir: string;
  log: Logger;
  /** How long after a UTC day ended SQLite packs its readings, by the measurement times that were seen [ms]. */
  settleAfterMs?: number;
  /** Where to in InfluxDB; needed with its URLs only. */
  influx?: InfluxOptions;
}
/** What the adapter for InfluxDB keeps in DATA_DIR: how far the inbox was read, and what is on its way. */
export const INFLUX_JOURNAL_FILE = 'readings-influx.sqlite';

export interface InfluxOptions {
  token?: string | undefined;
  org?: string | undefined;
  bucket?: string | undefined;
  /** Days that the bucket keeps readings; 0 = for ever. */
  retentionDays?: number;
  timeoutMs?: number;
  /** Other processes write to the bucket, too: what is new is asked each time. */
  isShared?: boolean;
}

/**
 * Opens the readings store that a URL names: `sqlite:` (DATA_DIR/readings.sqlite), `sqlite:FILE`, `sqlite::memory:`,
 * `postgres://user:password@host:port/database`, which several processes may share, or `influxdb+http://host:8086`.
 * @throws (by rejection) RondeError CONFIG_INVALID for an unknown scheme, SCHEMA_NEWER, STORE_CORRUPT or READINGS_UNREACHABLE
 */
export function openReadings(url: string, options: ReadingsOptions): Promise<ReadingsStore> {
  const postgres = async () => (await import('./adapters/postgres/index.ts')).openPostgresReadings(url, options);
  return openByUrl(url, {
    variable: 'READINGS_URL',
    noun: 'readings store',
    adapters: {
      sqlite: async (location) => (await import('./adapters/sqlite/index.ts')).openSqliteReadings(location, options),
      postgres,
      // the name that many servers give out
      postgresql: postgres,
      'influxdb+http': (location) => openInflux(`http:${location}`, options),
      'influxdb+https': (location) => openInflux(`https:${location}`, options),
    },
  });
}

async function openInflux(url: string, options: ReadingsOptions): Promise<ReadingsStore> {
  return (await import('./adapters/influxdb/index.ts')).openInfluxReadings(url, options);
}
