import type { DatabaseSync } from 'node:sqlite';
import { toFault } from './faults.ts';

/** Runs calls that are waiting together in one transaction, so that they share one fsync. */
export interface GroupCommit {
  /** Runs `work` whole or not at all; resolves when it is durable. */
  run<T>(work: () => T): Promise<T>;
  /** Commits what is open now. */
  flush(): void;
}

/** Creates a group commit: the first call opens a transaction, which ends when the waiting messages are handled. */
export function createGroupCommit(db: DatabaseSync): GroupCommit {
  let group: PromiseWithResolvers<void> | undefined;
  const flush = (): void => {
    const ending = group;
    group = undefined;
    if (!ending) return;
    try {
      db.exec('COMMIT');
      ending.resolve();
    } catch (error) {
      // a full disk ends the transaction by itself
      if (db.isTransaction) db.exec('ROLLBACK');
      ending.reject(toFault(error));
    }
  };
  const open = (): PromiseWithResolvers<void> => {
    db.exec('BEGIN IMMEDIATE');
    const opened = Promise.withResolvers<void>();
    // every caller awaits it; this one only keeps a group whose calls all failed from being "unhandled"
    opened.promise.catch(() => undefined);
    setImmediate(flush);
    return opened;
  };
  return {
    flush,
    async run(work) {
      try {
        group ??= open();
        const joined = group;
        const value = inSavepoint(db, work);
        // reads wait as well: what they saw must not vanish with a commit that does not come through
        await joined.promise;
        return value;
      } catch (error) {
        throw toFault(error);
      }
    },
  };
}

function inSavepoint<T>(db: DatabaseSync, work: () => T): T {
  db.exec('SAVEPOINT one');
  try {
    const value = work();
    db.exec('RELEASE one');
    return value;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK TO one; RELEASE one');
    throw error;
  }
}
