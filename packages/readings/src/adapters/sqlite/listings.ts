import type { DatabaseSync } from 'node:sqlite';

/** Gives what a copy of the whole store has to go through. */
export function createListings(db: DatabaseSync) {
  return {
    /** Devices with their tenants. */
    owners: () =>
      db.prepare('SELECT DISTINCT tenant, device_id AS deviceId FROM series').all() as unknown as {
        tenant: string;
        deviceId: string;
      }[],
    cursors: () => db.prepare('SELECT name, seq FROM cursors').all() as unknown as { name: string; seq: number }[],
    uplinkKeys: () =>
      db
        .prepare('SELECT key, received_at_ms AS receivedAtMs FROM uplink_keys ORDER BY received_at_ms')
        .all() as unknown as { key: string; receivedAtMs: number }[],
  };
}
