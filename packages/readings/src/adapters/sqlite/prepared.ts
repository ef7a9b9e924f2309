import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Prepares each statement once; rows come as arrays. */
export function createPrepared(db: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    statements.set(sql, statement);
    return statement;
  };
}
