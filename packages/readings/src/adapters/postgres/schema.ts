import type { Migration } from '@ronde/postgres';

/*
 * series, channels and mountings are what they are in SQLite: a series identifies a reading besides its time; a channel
 * is what people ask for (a quantity of an asset's chamber, or of a device that hangs nowhere); a mounting is a series
 * while it belongs to a channel, so that rollups are exact for asset and device after a sensor moved.
 * hourly.sum is numeric: exact, so that any order and any batches give the same mean.
 * totals has a row for each of a few slots: with one row, all workers would wait for each other's commit.
 * floors: how far back each quantity is kept, and up to where what is older has been taken away.
 * Tables whose rows change keep room on each page, so that an update stays on it and touches no index.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    up: `
CREATE TABLE series (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, device_id text COLLATE "C" NOT NULL,
  chamber text COLLATE "C" NOT NULL, quantity text COLLATE "C" NOT NULL, UNIQUE (tenant, device_id, chamber, quantity));
CREATE TABLE channels (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, asset_id text COLLATE "C" NOT NULL,
  device_id text COLLATE "C" NOT NULL, chamber text COLLATE "C" NOT NULL, quantity text COLLATE "C" NOT NULL,
  UNIQUE (tenant, asset_id, device_id, chamber, quantity));
CREATE TABLE mountings (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, series integer NOT NULL, channel integer NOT NULL,
  UNIQUE (series, channel));
CREATE INDEX mountings_by_channel ON mountings (channel);
CREATE TABLE types (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE);
CREATE TABLE readings (
  at_ms bigint NOT NULL, value double precision, delay_ms bigint NOT NULL, marks bigint NOT NULL, series integer NOT NULL,
  mounting integer NOT NULL, type integer NOT NULL, uplink text COLLATE "C" NOT NULL, PRIMARY KEY (series, at_ms));
CREATE TABLE last_values (
  at_ms bigint NOT NULL, value double precision NOT NULL, delay_ms bigint NOT NULL, marks bigint NOT NULL,
  channel integer PRIMARY KEY, mounting integer NOT NULL, type integer NOT NULL, device_id text COLLATE "C" NOT NULL,
  uplink text COLLATE "C" NOT NULL) WITH (fillfactor = 60);
CREATE TABLE hourly (
  mounting integer NOT NULL, hour integer NOT NULL, count integer NOT NULL, min double precision NOT NULL,
  max double precision NOT NULL, sum numeric NOT NULL, PRIMARY KEY (mounting, hour)) WITH (fillfactor = 80);
CREATE TABLE uplink_keys (
  received_at_ms bigint NOT NULL, day integer NOT NULL, key text COLLATE "C" NOT NULL, PRIMARY KEY (key, day))
  WITH (fillfactor = 80);
CREATE INDEX uplink_keys_by_day ON uplink_keys USING brin (day);
CREATE TABLE cursors (name text COLLATE "C" PRIMARY KEY, seq bigint NOT NULL) WITH (fillfactor = 50);
CREATE TABLE totals (slot integer PRIMARY KEY, readings bigint NOT NULL, newest_at_ms bigint) WITH (fillfactor = 50);`,
    down: `DROP TABLE series, channels, mountings, types, readings, last_values, hourly, uplink_keys, cursors, totals;`,
  },
  {
    up: `CREATE TABLE floors (quantity text COLLATE "C" PRIMARY KEY, floor_ms bigint NOT NULL, done_ms bigint);`,
    down: `DROP TABLE floors;`,
  },
];

export const TABLES = [
  'series',
  'channels',
  'mountings',
  'types',
  'readings',
  'last_values',
  'hourly',
  'uplink_keys',
  'cursors',
  'totals',
  'floors',
] as const;
