/** One numbered change of the registry's schema in every engine, forward and back. */
export interface RegistryMigration {
  /** What it brings, in every engine alike. */
  what: string;
  sqlite: { up: string; down: string };
  postgres: { up: string; down: string };
}

/**
 * Numbered changes, oldest first; never edited once released. The number is the same in every engine, so that an
 * archive says the same whichever wrote it. Tables and indexes of documents follow `KINDS` instead.
 */
export const MIGRATIONS: readonly RegistryMigration[] = [
  {
    what: 'answers kept for idempotency keys, and small facts of the platform',
    sqlite: {
      up: `CREATE TABLE idempotency (
             tenant TEXT NOT NULL, key TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, bodyHash TEXT NOT NULL,
             status INTEGER NOT NULL, body TEXT NOT NULL, atMs INTEGER NOT NULL, PRIMARY KEY (tenant, key)) WITHOUT ROWID;
           CREATE INDEX idempotency_atMs ON idempotency (atMs);
           CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
      down: 'DROP TABLE idempotency; DROP TABLE meta;',
    },
    postgres: {
      up: `CREATE TABLE idempotency (
             tenant text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, method text NOT NULL, path text NOT NULL,
             "bodyHash" text NOT NULL, status integer NOT NULL, body text NOT NULL, "atMs" bigint NOT NULL,
             PRIMARY KEY (tenant, key));
           CREATE INDEX "idempotency_atMs" ON idempotency ("atMs");
           CREATE TABLE meta (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);`,
      down: 'DROP TABLE idempotency; DROP TABLE meta;',
    },
  },
];
