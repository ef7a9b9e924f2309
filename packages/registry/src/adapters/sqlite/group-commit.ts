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
  const fail = (error: unknown): void => {
    if (db.isTransaction) db.exec('ROLLBACK');
    group?.reject(toFault(error));
    group = undefined;
  };
  const flush = (): void => {
    if (!group) return;
    try {
      db.exec('COMMIT');
      group.resolve();
      group = undefined;
    } catch (error) {
      fail(error);
    }
  };
  const open = (): PromiseWithResolvers<void> => {
    db.exec('BEGIN IMMEDIATE');
    const opened = Promise.withResolvers<void>();
    // every caller awaits it; this one only keeps a group whose calls all failed from being "unhandled"
    opened.promise.catch(() => undefined);
    setImmediate(() => group === opened && flush());
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
        // a full disk ends the whole transaction by itself: those who joined before must hear of it
        if (group && !db.isTransaction) fail(error);
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
