import type { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import type { NewPlaces } from './place-numbers.ts';
import { deviceOf, seriesId } from './storage.ts';

/** Where a reading goes. */
export interface Place {
  series: number;
  channel: number;
  mounting: number;
}

/** Gives row numbers for texts, and makes rows for new ones. */
export interface Names {
  /** Learns the texts of places. */
  learn(places: NewPlaces): void;
  place(number: number): Place;
  types(names: string[]): number[];
  /** Forgets rows, not texts, after a transaction that failed. */
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
  const series = createSeriesNames(db);
  const channels = upsert('channels', ['tenant', 'asset_id', 'device_id', 'chamber', 'quantity']);
  const mountings = upsert('mountings', ['series', 'channel']);
  const types = upsert('types', ['name']);
  const idOf = (row: unknown): number => (row as { id: number }).id;
  const texts: string[] = [];
  let places: (Place | undefined)[] = [];
  const typeCache = new Map<string, number>();

  const makePlace = (text: string): Place => {
    const [tenant, device, asset, chamber, quantity] = text.split('\n') as [string, string, string, string, string];
    const one = series(tenant, device, chamber, quantity);
    const channel = idOf(channels.get(tenant, asset, asset ? '' : device, chamber, quantity));
    return { series: one, channel, mounting: idOf(mountings.get(one, channel)) };
  };
  return {
    learn({ from, texts: more }) {
      more.forEach((text, i) => {
        if (texts[from + i] === text) return;
        texts[from + i] = text;
        places[from + i] = undefined;
      });
    },
    place: (number) => (places[number] ??= makePlace(texts[number]!)),
    types: (names) =>
      names.map((name) => {
        const id = typeCache.get(name) ?? idOf(types.get(name));
        typeCache.set(name, id);
        return id;
      }),
    forget() {
      places = [];
      typeCache.clear();
    },
  };
}

/** The series of a device are numbered together, so that rows in order of series are in order of device. */
function createSeriesNames(db: DatabaseSync) {
  const known = db.prepare('SELECT id FROM series WHERE tenant = ? AND device_id = ? AND chamber = ? AND quantity = ?');
  const lastOfDevice = db.prepare('SELECT max(id) AS id FROM series WHERE tenant = ? AND device_id = ?');
  const last = db.prepare('SELECT max(id) AS id FROM series');
  const insert = db.prepare('INSERT INTO series (id, tenant, device_id, chamber, quantity) VALUES (?, ?, ?, ?, ?)');
  return (tenant: string, device: string, chamber: string, quantity: string): number => {
    const found = known.get(tenant, device, chamber, quantity) as { id: number } | undefined;
    if (found) return found.id;
    const { id: sibling } = lastOfDevice.get(tenant, device) as { id: number | null };
    const { id: newest } = last.get() as { id: number | null };
    const id =
      sibling === null
        ? seriesId(newest === null ? 1 : deviceOf(newest) + 1, 0)!
        : seriesId(deviceOf(sibling), sibling + 1 - seriesId(deviceOf(sibling), 0)!);
    if (id === undefined)
      throw new RondeError('INPUT_INVALID', `device ${device} has too many chambers and quantities; 1,024 can be kept`);
    insert.run(id, tenant, device, chamber, quantity);
    return id;
  };
}
