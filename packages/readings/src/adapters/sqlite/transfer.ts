import { RondeError } from '@ronde/contracts/errors';
import type { Remote } from '@ronde/kit';
import type { ReadingsStore } from '../../port.ts';
import type { ReadingsHandlers } from './worker.ts';

interface Parts extends Pick<ReadingsStore, 'series' | 'append' | 'stats'> {
  call: Pick<Remote<ReadingsHandlers>, 'owners' | 'cursors' | 'uplinkKeys'>;
}

const PAGE = 5_000;
const FOREVER = { fromMs: -8.64e15, toMs: 8.64e15 };

/** Creates `dump` and `load` over the store's own queries, so that they follow its form by themselves. */
export function createTransfer({ call, series, append, stats }: Parts): Pick<ReadingsStore, 'dump' | 'load'> {
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
      await take({ tenant: '', readings: [], uplinkKeys: await call.uplinkKeys() });
      for (const cursor of await call.cursors()) await take({ tenant: '', readings: [], cursor });
    },
    async load(fill, { replace = false } = {}) {
      if (replace) throw new RondeError('INPUT_INVALID', 'a readings file is replaced by loading into a new one');
      const { readings } = await stats();
      if (readings > 0) throw new RondeError('RESOURCE_EXISTS', 'the readings store already holds something');
      await fill(async (batch) => void (await append(batch)));
    },
  };
}
