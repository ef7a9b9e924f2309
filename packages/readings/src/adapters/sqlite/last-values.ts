import type { DatabaseSync } from 'node:sqlite';
import type { StoredUplink } from './columns.ts';
import type { Place } from './names.ts';

interface Candidate {
  atMs: number;
  value: number;
  delayMs: number;
  marks: number;
  type: number;
  uplink: StoredUplink;
}

/** Keeps the newest reading by measurement time of each channel; of two in one millisecond, the greater device id. */
export interface LastValues {
  offer(place: Place, candidate: Candidate): void;
  flush(): void;
  /** Drops what is remembered of the table, after a transaction that failed. */
  forget(): void;
}

/** Creates the last values of one writing connection; it alone writes them, so it may remember the times. */
export function createLastValues(db: DatabaseSync): LastValues {
  const replace = db.prepare(
    `INSERT INTO last_values VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET
       mounting = excluded.mounting, at_ms = excluded.at_ms, value = excluded.value, delay_ms = excluded.delay_ms,
       marks = excluded.marks, type = excluded.type, uplink = excluded.uplink`,
  );
  const select = db.prepare(
    `SELECT l.at_ms AS atMs, s.device_id AS device FROM last_values l
     JOIN mountings m ON m.id = l.mounting JOIN series s ON s.id = m.series WHERE l.channel = ?`,
  );
  const known = new Map<number, { atMs: number; device: string } | undefined>();
  const better = new Map<number, { place: Place; candidate: Candidate }>();
  const lastOf = (channel: number): { atMs: number; device: string } | undefined => {
    if (!known.has(channel)) known.set(channel, select.get(channel) as { atMs: number; device: string } | undefined);
    return known.get(channel);
  };
  return {
    offer(place, candidate) {
      const last = lastOf(place.channel);
      if (last && (candidate.atMs < last.atMs || (candidate.atMs === last.atMs && place.device <= last.device))) return;
      known.set(place.channel, { atMs: candidate.atMs, device: place.device });
      better.set(place.channel, { place, candidate });
    },
    flush() {
      for (const { place, candidate: c } of better.values()) {
        replace.run(place.channel, place.mounting, c.atMs, c.value, c.delayMs, c.marks, c.type, c.uplink);
      }
      better.clear();
    },
    forget() {
      known.clear();
      better.clear();
    },
  };
}
