/** What the PostgreSQL adapters share: the pool and its limits, transactions, faults, migrations, texts. */
export { readAddress, type Address } from './address.ts';
export { openDatabase, type Database, type Queries, type TransactionOptions, type Value } from './database.ts';
export { migrate, type Migration, type MigrateOptions } from './migrate.ts';
export { probePostgres } from './probe.ts';
export { fromStoredJson, fromStoredText, toStoredJson, toStoredText } from './text.ts';
export type { FaultNames } from './faults.ts';
