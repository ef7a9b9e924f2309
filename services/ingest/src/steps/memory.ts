import type { Registry } from '@ronde/registry';
import type { Recall } from '../sources/parsed.ts';

/** Keys that begin so are gone after a restart: what is only a help, and would be written with every message. */
const TRANSIENT = 'memory:';
const MAX_ENTRIES = 50_000;

/**
 * What earlier messages left behind and later ones need, such as the births of an edge node or the joins of a device:
 * JSON values per tenant, kept in the registry and written with the batch that changed them.
 */
export interface Memory {
  /** Opens what a batch may recall; nothing of it lasts before `commit`. */
  begin(tenant: string): Recollection;
}
export interface Recollection extends Recall {
  /** Makes keys known to `get`. @throws RondeError REGISTRY_UNREACHABLE (retriable) */
  load(keys: readonly string[]): Promise<void>;
  /** Something was set that the next batch may have to recall. */
  hasNews(): boolean;
  /** Writes what was set; repeating it changes nothing. */
  commit(): Promise<void>;
}

/** Creates the memory over the registry's small facts, with a bounded cache before it. */
export function createMemory(meta: Registry['meta'], maxEntries = MAX_ENTRIES): Memory {
  const cache = new Map<string, unknown>();
  const keep = (key: string, value: unknown): void => {
    cache.delete(key);
    cache.set(key, value);
    if (cache.size > maxEntries) cache.delete(cache.keys().next().value!);
  };
  return {
    begin(tenant) {
      const full = (key: string): string => `ingest:${tenant}:${key}`;
      const known = new Map<string, unknown>();
      const changed = new Set<string>();
      return {
        get: (key) => known.get(key),
        set(key, value) {
          known.set(key, value);
          changed.add(key);
        },
        async load(keys) {
          for (const key of keys) {
            if (known.has(key)) continue;
            if (!cache.has(full(key)))
              keep(full(key), key.startsWith(TRANSIENT) ? undefined : await read(meta, full(key)));
            known.set(key, cache.get(full(key)));
          }
        },
        hasNews: () => changed.size > 0,
        async commit() {
          for (const key of changed) {
            if (!key.startsWith(TRANSIENT)) await meta.set(full(key), JSON.stringify(known.get(key)));
            keep(full(key), known.get(key));
          }
          changed.clear();
        },
      };
    },
  };
}

async function read(meta: Registry['meta'], key: string): Promise<unknown> {
  const text = await meta.get(key);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** For a batch that leaves nothing behind. */
export function memoryless(): Recollection {
  return createMemory({ get: async () => undefined, set: async () => undefined }).begin('');
}
