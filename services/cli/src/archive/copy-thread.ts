import { closeSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { serveThread } from '@ronde/kit/thread';

const BUSY_TIMEOUT_MS = 10_000;

/** Copies databases that another process may be writing to. */
function openCopier() {
  return {
    /** Writes everything committed so far into one new file; in WAL mode this neither waits for the writer nor stops it. */
    copy(from: string, to: string): void {
      const db = new DatabaseSync(from, { timeout: BUSY_TIMEOUT_MS });
      try {
        db.prepare('VACUUM INTO ?').run(to);
      } finally {
        db.close();
      }
      const handle = openSync(to, 'r+');
      fsyncSync(handle);
      closeSync(handle);
    },
    schemaOf,
    close: (): void => undefined,
  };
}
export type Copier = ReturnType<typeof openCopier>;

function schemaOf(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const { user_version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  db.close();
  return user_version;
}

serveThread(openCopier);
