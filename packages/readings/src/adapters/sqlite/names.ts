import type { DatabaseSync } from 'node:sqlite';
import { splitPlace, type PlaceText } from './columns.ts';

/** Where a reading goes. `device` breaks ties between devices of one channel that measured in the same millisecond. */
export interface Place {
  series: number;
  channel: number;
  mounting: number;
  device: string;
}

/** Gives row numbers for texts, and makes rows for new ones; what it learned must be forgotten when a transaction fails. */
export interface Names {
  places(tenant: string, keys: PlaceText[]): Place[];
  types(names: string[]): number[];
  forget(): void;
}

/** Creates the names of one writing connection. */
export function createNames(db: DatabaseSync): Names {
  // DO UPDATE of nothing, because DO NOTHING returns no row for one that exists
  const upsert = (table: string, columns: string[]) =>
    db.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT (${columns.join(', ')}) DO UPDATE SET ${columns[0]} = ${columns[0]} RETURNING id`,
    );
  const series = upsert('series', ['tenant', 'device_id', 'chamber', 'quantity']);
  const channels = upsert('channels', ['tenant', 'asset_id', 'device_id', 'chamber', 'quantity']);
  const mountings = upsert('mountings', ['series', 'channel']);
  const types = upsert('types', ['name']);
  const idOf = (row: unknown): number => (row as { id: number }).id;
  const placeCaches = new Map<string, Map<PlaceText, Place>>();
  const typeCache = new Map<string, number>();

  const makePlace = (tenant: string, text: PlaceText): Place => {
    const [device, asset, chamber, quantity] = splitPlace(text);
    const seriesId = idOf(series.get(tenant, device, chamber, quantity));
    const channel = idOf(channels.get(tenant, asset, asset ? '' : device, chamber, quantity));
    return { series: seriesId, channel, mounting: idOf(mountings.get(seriesId, channel)), device };
  };
  return {
    places(tenant, keys) {
      const cache = placeCaches.get(tenant) ?? new Map<PlaceText, Place>();
      placeCaches.set(tenant, cache);
      return keys.map((text) => {
        const known = cache.get(text);
        if (known) return known;
        const place = makePlace(tenant, text);
        cache.set(text, place);
        return place;
      });
    },
    types: (names) =>
      names.map((name) => {
        const id = typeCache.get(name) ?? idOf(types.get(name));
        typeCache.set(name, id);
        return id;
      }),
    forget() {
      placeCaches.clear();
      typeCache.clear();
    },
  };
}
