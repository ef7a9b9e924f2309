import type { DatabaseSync } from 'node:sqlite';
import type { Quantity } from '@ronde/contracts';
import type { GoneHour } from '../../port.ts';
import { HOUR_MS } from './fold.ts';
import { createHourStore, SPANS } from './hours.ts';

const STRETCH = 200;

/** Gives what a copy of the whole store has to go through. */
export function createListings(db: DatabaseSync) {
  const hourStore = createHourStore(db);
  const some = db.prepare(
    `SELECT h.id, s.tenant, s.device_id AS deviceId, c.asset_id AS assetId, s.chamber, s.quantity FROM hours h
     JOIN mountings m ON m.id = h.id / ${SPANS} JOIN series s ON s.id = m.series JOIN channels c ON c.id = m.channel
     WHERE h.id > ? ORDER BY h.id LIMIT ?`,
  );
  return {
    /** Devices with their tenants. */
    owners: () =>
      db.prepare('SELECT DISTINCT tenant, device_id AS deviceId FROM series').all() as unknown as {
        tenant: string;
        deviceId: string;
      }[],
    floors: () =>
      db.prepare('SELECT quantity, floor_ms AS floorMs FROM floors').all() as unknown as {
        quantity: Quantity;
        floorMs: number;
      }[],
    /** Hours of readings that are gone, in stretches; `after` is the last one's `next`. */
    goneHours(after: number): { hours: GoneHour[]; next?: number } {
      const rows = some.all(after, STRETCH) as unknown as (Omit<GoneHour, 'fromMs'> & { id: number })[];
      const hours = rows.flatMap(({ id, assetId, chamber, ...place }) =>
        hourStore.at(id).map(([hour, { min, max, sum, rest, count }]) => ({
          ...place,
          assetId: assetId || null,
          ...(chamber && { chamber }),
          fromMs: hour * HOUR_MS,
          min,
          max,
          sum: sum + rest,
          count,
        })),
      );
      return rows.length < STRETCH ? { hours } : { hours, next: rows.at(-1)!.id };
    },
    cursors: () => db.prepare('SELECT name, seq FROM cursors').all() as unknown as { name: string; seq: number }[],
    uplinkKeys: () =>
      db
        .prepare('SELECT key, received_at_ms AS receivedAtMs FROM uplink_keys ORDER BY received_at_ms')
        .all() as unknown as { key: string; receivedAtMs: number }[],
  };
}
