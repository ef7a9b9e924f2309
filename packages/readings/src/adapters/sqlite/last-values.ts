import type { DatabaseSync } from 'node:sqlite';
import type { StoredUplink } from './columns.ts';
import { IS_VALID } from './marks.ts';
import type { Place } from './names.ts';

interface Candidate {
  atMs: number;
  value: number;
  delayMs: number;
  marks: number;
  type: number;
  uplink: StoredUplink;
}

interface Newest extends Candidate {
  mounting: number;
  device: string;
}

/** Keeps the newest reading by measurement time of each channel; of two in one millisecond, the greater device id. */
export interface LastValues {
  offer(place: Place, candidate: Candidate): void;
  flush(): void;
  /** Finds a channel's last value anew, when what was stored at or after its time changed. */
  refresh(channel: number, changedAtMs: number): void;
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
  const newest = db.prepare(
    `SELECT r.at_ms AS atMs, r.value, r.delay_ms AS delayMs, r.marks, r.type, r.uplink, m.id AS mounting,
       s.device_id AS device
     FROM mountings m JOIN series s ON s.id = m.series
     JOIN readings r ON r.series = m.series AND r.at_ms = (
       SELECT at_ms FROM readings WHERE series = m.series AND mounting = m.id AND value IS NOT NULL AND ${IS_VALID}
       ORDER BY at_ms DESC LIMIT 1)
     WHERE m.channel = ?`,
  );
  const drop = db.prepare('DELETE FROM last_values WHERE channel = ?');
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
    refresh(channel, changedAtMs) {
      const last = lastOf(channel);
      if (last && changedAtMs < last.atMs) return;
      let best: Newest | undefined;
      for (const row of newest.all(channel) as unknown as Newest[]) {
        if (!best || row.atMs > best.atMs || (row.atMs === best.atMs && row.device > best.device)) best = row;
      }
      known.set(channel, best && { atMs: best.atMs, device: best.device });
      if (!best) drop.run(channel);
      else replace.run(channel, best.mounting, best.atMs, best.value, best.delayMs, best.marks, best.type, best.uplink);
    },
    forget() {
      known.clear();
      better.clear();
    },
  };
}
