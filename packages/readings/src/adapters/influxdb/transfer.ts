import { RondeError } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import type { LoadOptions, ReadingsStore, TakeBatch } from '../../port.ts';
import type { Connection } from './connection.ts';
import type { Journal } from './journal.ts';
import type { Outbox } from './outbox.ts';
import { MEASUREMENTS } from './point.ts';

interface Parts extends Pick<ReadingsStore, 'series' | 'append'> {
  connection: Connection;
  journal: Journal;
  outbox: Outbox;
  log: Logger;
}

const PAGE = 5_000;
const ALL = { fromMs: 0, toMs: 8.64e15, limit: PAGE };

/**
 * Creates `dump` and `load`. A dump holds writers up while it runs, since InfluxDB cannot show one moment: what comes
 * in meanwhile waits in the inbox. Large stores are better copied by InfluxDB's own backup (docs/guides/run-on-influxdb.md).
 */
export function createTransfer({
  connection,
  journal,
  outbox,
  series,
  append,
  log,
}: Parts): Pick<ReadingsStore, 'dump' | 'load'> {
  async function dumpReadings(take: TakeBatch): Promise<void> {
    for (const [tenant, deviceId] of journal.owners()) {
      for (let after: string | undefined, isLast = false; !isLast;) {
        const page = await series({ tenant, deviceId, ...ALL, ...(after !== undefined && { after }) });
        if (page.items.length > 0) await take({ tenant, readings: page.items });
        after = page.next;
        isLast = after === undefined;
      }
    }
  }

  async function empty({ replace = false }: LoadOptions): Promise<void> {
    await outbox.inTurn(async () => {
      const isFull = journal.totals().readings > 0 || journal.cursors().length > 0;
      if (isFull && !replace) throw new RondeError('RESOURCE_EXISTS', 'the readings store already holds something');
      if (!isFull) return;
      for (const measurement of Object.values(MEASUREMENTS)) await connection.removeAll(measurement);
      await journal.clear();
    });
  }

  return {
    dump: (take) =>
      outbox.inTurn(async () => {
        await outbox.settleRest();
        await dumpReadings(take);
        await take({ tenant: '', readings: [], uplinkKeys: await journal.uplinkKeys() });
        for (const [name, seq] of journal.cursors()) await take({ tenant: '', readings: [], cursor: { name, seq } });
      }),
    async load(fill, options = {}) {
      await empty(options);
      await fill(async ({ gone, ...batch }) => {
        // buckets keep by rules of their own, and hours come from readings or from what the tasks wrote
        if (gone) log.warn({ hours: gone.hours.length, floors: gone.floors }, 'readings.influx.leave');
        else await append(batch);
      });
    },
  };
}
