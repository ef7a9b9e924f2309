import { RondeError } from '@ronde/contracts/errors';
import type { Remote } from '@ronde/kit';
import type { CopyBatch, ReadingsStore } from '../../port.ts';
import type { ReadingsHandlers } from './worker.ts';

interface Parts extends Pick<ReadingsStore, 'series' | 'append' | 'stats'> {
  call: Pick<Remote<ReadingsHandlers>, 'owners' | 'cursors' | 'uplinkKeys' | 'floors' | 'goneHours'>;
  takeGone(gone: NonNullable<CopyBatch['gone']>): Promise<void>;
}

const PAGE = 5_000;
const FOREVER = { fromMs: -8.64e15, toMs: 8.64e15 };

/** Creates `dump` and `load` over the store's own queries, so that they follow its form by themselves. */
export function createTransfer({ call, series, append, stats, takeGone }: Parts): Pick<ReadingsStore, 'dump' | 'load'> {
  return {
    async dump(take) {
      for (const { tenant, deviceId } of await call.owners()) {
        for (let after: string | undefined, isLast = false; !isLast;) {
          const query = { tenant, deviceId, ...FOREVER, limit: PAGE, ...(after !== undefined && { after }) };
          const { items, next } = await series(query);
          if (items.length > 0) await take({ tenant, readings: items });
          after = next;
          isLast = next === undefined;
        }
      }
      for (let after: number | undefined = 0; after !== undefined;) {
        const { hours, next }: Awaited<ReturnType<typeof call.goneHours>> = await call.goneHours(after);
        if (hours.length > 0) await take({ tenant: '', readings: [], gone: { hours, floors: {} } });
        after = next;
      }
      const floors = Object.fromEntries((await call.floors()).map(({ quantity, floorMs }) => [quantity, floorMs]));
      if (Object.keys(floors).length > 0) await take({ tenant: '', readings: [], gone: { hours: [], floors } });
      await take({ tenant: '', readings: [], uplinkKeys: await call.uplinkKeys() });
      for (const cursor of await call.cursors()) await take({ tenant: '', readings: [], cursor });
    },
    async load(fill, { replace = false } = {}) {
      if (replace) throw new RondeError('INPUT_INVALID', 'a readings file is replaced by loading into a new one');
      const { readings } = await stats();
      if (readings > 0) throw new RondeError('RESOURCE_EXISTS', 'the readings store already holds something');
      await fill(async ({ gone, ...batch }) => {
        if (gone) await takeGone(gone);
        else await append(batch);
      });
    },
  };
}
