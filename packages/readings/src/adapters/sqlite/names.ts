import type { DatabaseSync } from 'node:sqlite';
import { TEXTS_PER_KEY } from './columns.ts';

/** Where a reading goes. `device` breaks ties between devices of one channel that measured in the same millisecond. */
export interface Place {
  series: number;
  channel: number;
  mounting: number;
  device: string;
}

/** Gives row numbers for texts, and makes rows for new ones; what it learned must be forgotten when a transaction fails. */
export interface Names {
  places(tenant: string, keys: string[]): Place[];
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
  const placeCache = new Map<string, Place>();
  const typeCache = new Map<string, number>();

  const makePlace = (tenant: string, [device, asset, chamber, quantity]: [string, string, string, string]): Place => {
    const seriesId = idOf(series.get(tenant, device, chamber, quantity));
    const channel = idOf(channels.get(tenant, asset, asset ? '' : device, chamber, quantity));
    return { series: seriesId, channel, mounting: idOf(mountings.get(seriesId, channel)), device };
  };
  return {
    places(tenant, keys) {
      const places: Place[] = [];
      for (let i = 0; i < keys.length; i += TEXTS_PER_KEY) {
        const texts = keys.slice(i, i + TEXTS_PER_KEY) as [string, string, string, string];
        const text = `${tenant}\n${texts.join('\n')}`;
        const place = placeCache.get(text) ?? makePlace(tenant, texts);
        placeCache.set(text, place);
        places.push(place);
      }
      return places;
    },
    types: (names) =>
      names.map((name) => {
        const id = typeCache.get(name) ?? idOf(types.get(name));
        typeCache.set(name, id);
        return id;
      }),
    forget() {
      placeCache.clear();
      typeCache.clear();
    },
  };
}
