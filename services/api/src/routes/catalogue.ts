import { z } from 'zod';
import {
  Id,
  PageQuery,
  QUANTITIES,
  QUANTITY_NAMES,
  QuantityName,
  Role,
  SensorTypeSummary,
  Unit,
  pageOf,
  type Page,
} from '@ronde/contracts';
import { allow, etagOf, sendTagged } from '@ronde/kit';
import { ANYONE, OBSERVERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';

const QuantityEntry = z.object({
  name: QuantityName,
  unit: Unit,
  min: z.number(),
  max: z.number(),
  en: z.string(),
  nl: z.string(),
  binary: z.boolean().optional(),
});
const Me = z.object({ tenant: z.string(), role: Role, tokenId: z.string(), crewId: Id.optional() });

/** Adds quantities, the list of sensor types (ingest has the rest about them), and who the caller is. */
export function addCatalogue({ http, sensorTypes }: ApiDeps): void {
  const quantities = { items: QUANTITY_NAMES.map((name) => ({ name, ...QUANTITIES[name] })) };
  http.get('/v1/quantities', {
    preHandler: allow(...ANYONE),
    schema: {
      summary: 'Catalogue of quantities with units, ranges and names',
      response: { 200: pageOf(QuantityEntry) },
    },
    handler: async (request, reply) =>
      sendTagged(request, reply, { etag: etagOf(quantities), body: quantities }) as never,
  });
  http.get('/v1/sensor-types', {
    preHandler: allow(...OBSERVERS),
    schema: { summary: 'List sensor types', querystring: PageQuery, response: { 200: pageOf(SensorTypeSummary) } },
    handler: async (request, reply) => {
      const body = pageById(sensorTypes.list(), request.query);
      return sendTagged(request, reply, { etag: etagOf(body), body }) as never;
    },
  });
  http.get('/v1/me', {
    preHandler: allow(...ANYONE),
    schema: { summary: 'Who the bearer token belongs to', response: { 200: Me } },
    handler: async ({ principal }) => principal,
  });
}

/** Gives a page of a short list in order of ids; the cursor is the last id of the page before. */
function pageById<T extends { id: string }>(all: readonly T[], { limit, cursor = '' }: PageQuery): Page<T> {
  const rest = all.filter(({ id }) => id > cursor).sort((a, b) => (a.id < b.id ? -1 : 1));
  const items = rest.slice(0, limit);
  return { items, ...(rest.length > limit && { next: items.at(-1)!.id }) };
}
