import type { DatabaseSync } from 'node:sqlite';

/** How far back the readings of each quantity go; what is older is gone for good, and does not come again. */
export interface Floors {
  /** Reads them as they stand in this transaction. */
  read(): FloorsNow;
}

export interface FloorsNow {
  /** Tells whether a reading of this time would be older than its quantity is kept. */
  isGone(series: number, atMs: number): boolean;
}

/** Creates the look-up of one connection. */
export function createFloors(db: DatabaseSync): Floors {
  const all = db.prepare('SELECT quantity, floor_ms AS floorMs FROM floors');
  const quantityOf = db.prepare('SELECT quantity FROM series WHERE id = ?');
  return {
    read() {
      const floors = new Map<unknown, number>();
      let highest = -Infinity;
      for (const { quantity, floorMs } of all.all() as unknown as { quantity: string; floorMs: number }[]) {
        floors.set(quantity, floorMs);
        if (floorMs > highest) highest = floorMs;
      }
      const known = new Map<number, number>();
      const floorOf = (series: number): number => {
        const floor = known.get(series) ?? floors.get(quantityOf.get(series)?.['quantity']) ?? -Infinity;
        known.set(series, floor);
        return floor;
      };
      // nearly all readings are newer than all floors
      return { isGone: (series, atMs) => atMs < highest && atMs < floorOf(series) };
    },
  };
}
