import { silentLog } from '@ronde/kit';
import { createConnection, type ConnectionOptions } from './connection.ts';
import { edges } from './flux-queries.ts';

/** Asks for nothing in particular, with the token and the bucket of the configuration. */
export async function probe(where: Omit<ConnectionOptions, 'log'>): Promise<string | undefined> {
  const connection = createConnection({ ...where, log: silentLog() });
  try {
    await connection.ping();
    const nowMs = Date.now();
    await connection.query(edges(where.bucket, { tenant: 'nobody' }, { fromMs: nowMs - 1_000, toMs: nowMs }));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    connection.close();
  }
}
