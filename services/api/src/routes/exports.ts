import { z } from 'zod';
import { pageOf } from '@ronde/contracts';
import { allow, refuse } from '@ronde/kit';
import { ADMINS, OBSERVERS } from '../access.ts';
import { sendRows } from '../exports/formats.ts';
import { KEY_FORMATS, addKeyExport } from '../exports/keys.ts';
import { ExportQuery, exportKinds } from '../exports/kinds.ts';
import { faultOf } from '../faults.ts';
import type { RouteDeps } from './context.ts';
import { spanOf } from './readings.ts';

const Offer = z.object({ id: z.string(), href: z.string(), formats: z.array(z.string()) });

/** Adds `GET /v1/exports`, and `/v1/exports/{kind}` with what it lists. */
export function addExports(deps: RouteDeps): void {
  addOffers(deps);
  addKeyExport(deps);
  for (const { kind, roles, columns, rows } of exportKinds(deps)) {
    deps.http.get(`/v1/exports/${kind}`, {
      preHandler: allow(...roles),
      schema: {
        summary: `Export ${kind} as CSV, JSON Lines, XLSX${kind === 'assets' ? ' or GeoJSON' : ''}`,
        querystring: ExportQuery,
      },
      handler: async (request, reply) => {
        const { format } = request.query;
        refuse([
          format === 'geojson' && kind !== 'assets'
            ? faultOf('format', `${kind} have no geometry; use csv, jsonl or xlsx`)
            : undefined,
        ]);
        spanOf(request.query, deps.clock.nowMs());
        return sendRows(reply, { name: kind, format, columns, rows: rows(request.principal.tenant, request.query) });
      },
    });
  }
}

function addOffers(deps: RouteDeps): void {
  deps.http.get('/v1/exports', {
    preHandler: allow(...OBSERVERS),
    schema: { summary: 'List what the caller may export, and in which formats', response: { 200: pageOf(Offer) } },
    handler: async ({ principal }) => ({
      items: [
        ...exportKinds(deps).map(({ kind, roles }) => ({
          kind,
          roles,
          formats: ['csv', 'jsonl', 'xlsx', ...(kind === 'assets' ? ['geojson'] : [])],
        })),
        { kind: 'keys', roles: ADMINS, formats: [...KEY_FORMATS] },
      ]
        .filter(({ roles }) => roles.includes(principal.role))
        .map(({ kind, formats }) => ({ id: kind, href: `/v1/exports/${kind}`, formats })),
    }),
  });
}
