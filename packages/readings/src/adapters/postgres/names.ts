import type { Database } from '@ronde/postgres';
import { textsLiteral } from './literals.ts';
import type { PlaceTexts } from './rows.ts';

/** Where a reading goes. `device` breaks ties between devices of one channel that measured in the same millisecond. */
export interface Place {
  series: number;
  channel: number;
  mounting: number;
  device: string;
}

/**
 * Gives row numbers for texts, and texts for numbers. Rows are made in a transaction of their own, before the one that
 * uses them: they say nothing by themselves, so that none is ever taken back, and what was learned stays true.
 */
export interface Names {
  places(tenant: string, texts: string[]): Promise<Place[]>;
  types(names: string[]): Promise<number[]>;
  placesOf(mountings: number[]): Promise<Map<number, PlaceTexts>>;
  typesOf(types: number[]): Promise<Map<number, string>>;
}

const CACHE_LIMIT = 500_000;

/** Creates the names of one process. */
export function createNames(database: Database): Names {
  const places = new Map<string, Place>();
  const types = new Map<string, number>();
  const placeTexts = new Map<number, PlaceTexts>();
  const typeTexts = new Map<number, string>();
  const sql = statements(database.schema);
  const learnPlaces = async (tenant: string, texts: string[]): Promise<void> => {
    const parts = texts.map((text) => text.split('\n') as [string, string, string, string]);
    const columns = [0, 1, 2, 3].map((part) => textsLiteral(parts.map((one) => one[part]!)));
    for (const statement of sql.makePlaces) await database.run(statement, [tenant, ...columns]);
    const rows = await database.rows<Place & { text: string }>(sql.findPlaces, [tenant, ...columns]);
    if (places.size > CACHE_LIMIT) places.clear();
    for (const { text, ...place } of rows) places.set(`${tenant}\n${text}`, place);
  };
  return {
    async places(tenant, texts) {
      const unknown = texts.filter((text) => !places.has(`${tenant}\n${text}`));
      if (unknown.length > 0) await learnPlaces(tenant, unknown);
      return texts.map((text) => places.get(`${tenant}\n${text}`)!);
    },
    async types(names) {
      const unknown = names.filter((name) => !types.has(name));
      if (unknown.length > 0) {
        const values = [textsLiteral(unknown.toSorted())];
        await database.run(sql.makeTypes, values);
        const rows = await database.rows<{ id: number; name: string }>(sql.findTypes, values);
        for (const { id, name } of rows) types.set(name, id);
      }
      return names.map((name) => types.get(name)!);
    },
    async placesOf(mountings) {
      const unknown = mountings.filter((id) => !placeTexts.has(id));
      if (placeTexts.size > CACHE_LIMIT) placeTexts.clear();
      const rows = unknown.length
        ? await database.rows<PlaceTexts & { id: number }>(sql.placesOf, [`{${unknown.join(',')}}`])
        : [];
      for (const { id, ...texts } of rows) placeTexts.set(id, texts);
      return placeTexts;
    },
    async typesOf(ids) {
      const unknown = ids.filter((id) => !typeTexts.has(id));
      const rows = unknown.length
        ? await database.rows<{ id: number; name: string }>(sql.typesOf, [`{${unknown.join(',')}}`])
        : [];
      for (const { id, name } of rows) typeTexts.set(id, name);
      return typeTexts;
    },
  };
}

function statements(schema: string) {
  const of = (name: string): string => `"${schema}".${name}`;
  const given = `unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS g (device, asset, chamber, quantity)`;
  const owner = `CASE WHEN g.asset = '' THEN g.device ELSE '' END`;
  const joined = `${given}
    JOIN ${of('series')} s ON s.tenant = $1 AND s.device_id = g.device AND s.chamber = g.chamber AND s.quantity = g.quantity
    JOIN ${of('channels')} c ON c.tenant = $1 AND c.asset_id = g.asset AND c.device_id = ${owner} AND c.chamber = g.chamber
      AND c.quantity = g.quantity`;
  return {
    // in one order everywhere, so that processes that meet wait for each other and never in a circle
    makePlaces: [
      `INSERT INTO ${of('series')} (tenant, device_id, chamber, quantity)
       SELECT DISTINCT $1, device, chamber, quantity FROM ${given} ORDER BY 2, 3, 4 ON CONFLICT DO NOTHING`,
      `INSERT INTO ${of('channels')} (tenant, asset_id, device_id, chamber, quantity)
       SELECT DISTINCT $1, asset, ${owner}, chamber, quantity FROM ${given} ORDER BY 2, 3, 4, 5 ON CONFLICT DO NOTHING`,
      `INSERT INTO ${of('mountings')} (series, channel)
       SELECT DISTINCT s.id, c.id FROM ${joined} ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
    ],
    findPlaces: `SELECT concat_ws(E'\\n', g.device, g.asset, g.chamber, g.quantity) AS text, s.id AS series, c.id AS channel,
        m.id AS mounting, g.device AS device FROM ${joined} JOIN ${of('mountings')} m ON m.series = s.id AND m.channel = c.id`,
    makeTypes: `INSERT INTO ${of('types')} (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
    findTypes: `SELECT id, name FROM ${of('types')} WHERE name = ANY ($1::text[])`,
    placesOf: `SELECT m.id, s.device_id AS device, c.asset_id AS asset, s.chamber, s.quantity FROM ${of('mountings')} m
      JOIN ${of('series')} s ON s.id = m.series JOIN ${of('channels')} c ON c.id = m.channel WHERE m.id = ANY ($1::int[])`,
    typesOf: `SELECT id, name FROM ${of('types')} WHERE id = ANY ($1::int[])`,
  };
}
