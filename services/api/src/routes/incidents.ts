import { z } from 'zod';
import { Id, Incident, IncidentKind, PageQuery, pageOf } from '@ronde/contracts';
import { allow, checkMatch, etagOf, sendTagged } from '@ronde/kit';
import { OPERATORS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { found, pageQuery } from '../faults.ts';
import { IdParams, whereOf } from './documents.ts';

const Filters = PageQuery.extend({
  status: Incident.shape.status.optional(),
  kind: IncidentKind.optional(),
  assetId: Id.optional(),
});
const Change = z.object({ status: z.enum(['acknowledged', 'shelved', 'resolved']) });

/** Adds incidents: the newest first; people acknowledge, shelve or resolve them. */
export function addIncidents({ http, registry, clock, bus }: ApiDeps): void {
  http.get('/v1/incidents', {
    preHandler: allow(...STAFF),
    schema: { summary: 'List incidents, newest first', querystring: Filters, response: { 200: pageOf(Incident) } },
    handler: (request) =>
      registry.incidents.list(request.principal.tenant, {
        ...pageQuery(request.query),
        where: whereOf(request.query),
        descending: true,
      }),
  });
  http.get('/v1/incidents/:id', {
    preHandler: allow(...STAFF),
    schema: { summary: 'Read an incident', params: IdParams, response: { 200: Incident } },
    handler: async (request, reply) => {
      const { id } = request.params;
      const incident = found(await registry.incidents.get(request.principal.tenant, id), 'incident', id);
      return sendTagged(request, reply, { etag: etagOf(incident), body: incident }) as never;
    },
  });
  http.patch('/v1/incidents/:id', {
    preHandler: allow(...OPERATORS),
    schema: {
      summary: 'Acknowledge, shelve or resolve an incident',
      params: IdParams,
      body: Change,
      response: { 200: Incident },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const current = found(await registry.incidents.get(tenant, id), 'incident', id);
      checkMatch(request, current);
      const incident: Incident = { ...current, status: request.body.status, updatedAt: clock.iso() };
      await registry.incidents.put(tenant, incident);
      await bus.publish('incident.changed', { tenant, incident });
      void reply.header('etag', etagOf(incident));
      return incident;
    },
  });
}
