import type { DatabaseSync } from 'node:sqlite';
import type { LastValuesQuery } from '../../port.ts';
import type { ReadingColumns } from './columns.ts';
import { createLastPages } from './last-values.ts';
import { createPrepared } from './prepared.ts';
import { takeRows } from './rows.ts';
import { createToColumns } from './to-columns.ts';

/** Creates the query for last values. */
export function createLastValuesQuery(db: DatabaseSync): (query: LastValuesQuery) => ReadingColumns {
  const prepared = createPrepared(db);
  const pagesOf = createLastPages(db);
  const toColumns = createToColumns(db);
  return ({ tenant, assetIds, deviceIds, quantity }) => {
    const values = [tenant];
    let where = 'c.tenant = ?';
    const among = (column: string, ids: string[] | undefined): void => {
      if (!ids) return;
      where += ` AND ${column} IN (SELECT value FROM json_each(?))`;
      values.push(JSON.stringify(ids));
    };
    among('c.asset_id', assetIds);
    among('s.device_id', deviceIds);
    if (quantity !== undefined) {
      where += ' AND c.quantity = ?';
      values.push(quantity);
    }
    // by device, start from the device's few series instead of all channels of the tenant
    const sql = deviceIds
      ? `SELECT c.id, m.id FROM series s CROSS JOIN mountings m ON m.series = s.id JOIN channels c ON c.id = m.channel
         WHERE ${where} AND s.tenant = ?1`
      : `SELECT c.id FROM channels c WHERE ${where}`;
    const found = prepared(sql).all(...values) as unknown as [number, number?][];
    // a device's values are those that its own mounting gave
    const mountings = deviceIds && new Set(found.map(([, mounting]) => mounting!));
    const channels = deviceIds ? [...new Set(found.map(([channel]) => channel))] : found.map(([channel]) => channel);
    const { rows, places } = pagesOf(channels);
    return toColumns(
      takeRows(rows, mountings ? places.filter((place) => mountings.has(rows.mounting[place]!)) : places),
    );
  };
}
