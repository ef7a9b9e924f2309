import { silentLog } from '@ronde/kit';
import { readAddress } from './address.ts';
import { openDatabase, unsafeSettings } from './database.ts';

/** Looks whether a server answers and can keep what Ronde promises; `trouble` says why not, `clockMs` what time it is there. */
export async function probePostgres(
  variable: string,
  url: string,
): Promise<{ detail: string; trouble?: string; clockMs?: number }> {
  const names = { unreachable: 'REGISTRY_UNREACHABLE', noun: 'PostgreSQL', taken: 'RESOURCE_EXISTS' } as const;
  try {
    const address = readAddress(url, { variable, schema: 'ronde' });
    const database = await openDatabase(address, { ...names, log: silentLog(), applicationName: 'ronde doctor' });
    try {
      const off = await unsafeSettings(database);
      const [row] = await database.rows<{ version: string; clockMs: number }>(
        `SELECT current_setting('server_version') AS version, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "clockMs"`,
      );
      const { clockMs } = row!;
      const detail = `${address.shown}: PostgreSQL ${row!.version} answers`;
      return off.length === 0
        ? { detail, clockMs }
        : {
            detail,
            clockMs,
            trouble: `${detail}, but ${off.join(' and ')} is off: a power cut would lose what was acknowledged`,
          };
    } finally {
      await database.close();
    }
  } catch (error) {
    return { detail: '', trouble: (error as Error).message };
  }
}
