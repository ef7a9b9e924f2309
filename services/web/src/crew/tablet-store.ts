import type { Asset, Round } from '@ronde/contracts';
import { openDB, type DBSchema } from 'idb';
import type { Unseen } from './changes.ts';
import type { Entry, OutboxStorage } from './outbox.ts';

/** What the tablet knew at the last moment with reach, for a cold start without. */
export interface Snapshot {
  rounds: Round[];
  unseen?: Unseen;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: Entry };
  kept: { key: 'snapshot'; value: Snapshot };
  assets: { key: string; value: Asset };
}

/** The tablet's own storage. */
export interface TabletStore {
  outbox: OutboxStorage;
  readSnapshot(): Promise<Snapshot | undefined>;
  writeSnapshot(snapshot: Snapshot): Promise<void>;
  readAssets(): Promise<Asset[]>;
  /** Adds or replaces bins, and forgets those that `isWanted` does not name. */
  writeAssets(assets: Asset[], isWanted: (id: string) => boolean): Promise<void>;
  close(): void;
}

/** Opens IndexedDB; several pages of one tablet share it. */
export async function openTabletStore(name = 'ronde-crew'): Promise<TabletStore> {
  const db = await openDB<Schema>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('outbox', { keyPath: 'event.id' });
      fresh.createObjectStore('kept');
      fresh.createObjectStore('assets', { keyPath: 'id' });
    },
  });
  // "strict": a mark must survive a flat battery, not only a closed page
  const write = () => db.transaction('outbox', 'readwrite', { durability: 'strict' });
  return {
    outbox: {
      load: () => db.getAll('outbox'),
      async put(entries) {
        const tx = write();
        await Promise.all([...entries.map((entry) => tx.store.put(entry)), tx.done]);
      },
      async remove(ids) {
        const tx = write();
        await Promise.all([...ids.map((id) => tx.store.delete(id)), tx.done]);
      },
    },
    readSnapshot: () => db.get('kept', 'snapshot'),
    writeSnapshot: async (snapshot) => void (await db.put('kept', snapshot, 'snapshot')),
    readAssets: () => db.getAll('assets'),
    async writeAssets(assets, isWanted) {
      const tx = db.transaction('assets', 'readwrite');
      const stale = (await tx.store.getAllKeys()).filter((id) => !isWanted(id));
      await Promise.all([
        ...stale.map((id) => tx.store.delete(id)),
        ...assets.map((asset) => tx.store.put(asset)),
        tx.done,
      ]);
    },
    close: () => db.close(),
  };
}
