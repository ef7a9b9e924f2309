import { z } from 'zod';
import { Id, RondeError, type Principal, type Round } from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { Travel } from '@ronde/travel';
import { readRoster } from './fleet.ts';
import { toGeoJson, toGpx, toPrint, type RoundOnMap } from './round-files.ts';
import { travelOptionsFor } from './vehicle-travel.ts';

const Params = z.object({ id: Id });
const Query = z.object({ language: z.enum(['nl', 'en']).default('nl') });
const GpxQuery = z.object({ language: z.enum(['nl', 'en']).default('en') });

interface Deps {
  registry: Registry;
  travel: Travel;
  tenant: string;
}

/** Adds a round as GPX, as GeoJSON and as a page to print, and which of its versions tablets have shown. */
export function addRoundFileRoutes(http: HttpServer, deps: Deps): void {
  const { registry, tenant } = deps;
  const preHandler = allow('viewer', 'crew', 'operator', 'engineer', 'admin');
  const describe = (summary: string) => ({ tags: ['rounds'], summary, params: Params });
  http.get(
    '/v1/rounds/:id/gpx',
    {
      preHandler,
      schema: { ...describe('A round as GPX 1.1'), querystring: GpxQuery, response: { 200: z.string() } },
    },
    async ({ params, query, principal }, reply) => {
      void reply.type('application/gpx+xml').header('content-disposition', `attachment; filename="${params.id}.gpx"`);
      return toGpx(await onMap(await find(deps, principal, params.id), deps), query.language);
    },
  );
  http.get(
    '/v1/rounds/:id/geojson',
    { preHandler, schema: { ...describe('A round as GeoJSON'), response: { 200: z.unknown() } } },
    async ({ params, principal }, reply) => {
      const file = toGeoJson(await onMap(await find(deps, principal, params.id), deps));
      void reply
        .type('application/geo+json')
        .header('content-disposition', `attachment; filename="${params.id}.geojson"`);
      return reply.serializer(JSON.stringify).send(file);
    },
  );
  http.get(
    '/v1/rounds/:id/print',
    {
      preHandler,
      schema: { ...describe('A round as a page to print'), querystring: Query, response: { 200: z.string() } },
    },
    async ({ params, query, principal }, reply) => {
      const round = await find(deps, principal, params.id);
      const vehicle = await registry.vehicles.get(tenant, round.vehicleId);
      const { calendar } = await readRoster(registry, tenant);
      void reply.type('text/html; charset=utf-8');
      const page = { round, vehicleName: vehicle?.name ?? round.vehicleId, depot: undefined, positions: [], paths: [] };
      return toPrint(page, { language: query.language, timeZone: calendar.timeZone });
    },
  );
  http.get(
    '/v1/rounds/:id/views',
    {
      preHandler: allow('operator', 'admin'),
      schema: {
        ...describe('Which version of a round its tablets have shown'),
        response: {
          200: z.object({
            version: z.number().int(),
            seenVersion: z.number().int().nullable(),
            seenAt: z.string().nullable(),
            tablets: z.array(z.object({ version: z.number().int(), at: z.string() })),
          }),
        },
      },
    },
    async ({ params, principal }) => {
      const round = await find(deps, principal, params.id);
      const view = await registry.roundViews.get(tenant, round.id);
      return {
        version: round.version,
        seenVersion: view?.version ?? null,
        seenAt: view?.at ?? null,
        tablets: Object.values(view?.tablets ?? {}),
      };
    },
  );
}

async function find({ registry, tenant }: Deps, principal: Principal, id: string): Promise<Round> {
  const round = principal.tenant === tenant ? await registry.rounds.get(tenant, id) : undefined;
  if (!round || (principal.role === 'crew' && round.crewId !== principal.crewId))
    throw new RondeError('RESOURCE_UNKNOWN', `no round ${id}`);
  return round;
}

async function onMap(round: Round, { registry, travel, tenant }: Deps): Promise<RoundOnMap> {
  const vehicle = await registry.vehicles.get(tenant, round.vehicleId);
  const depot = vehicle && (await registry.depots.get(tenant, vehicle.depotId));
  const ends = depot ? [depot.position] : [];
  const positions = [...ends, ...round.stops.map(({ lat, lon }) => ({ lat, lon })), ...ends];
  const options = vehicle ? await travelOptionsFor(round, vehicle, { registry, tenant }) : { speedKmh: 28 };
  const paths = positions.length > 1 ? await travel.paths(positions, options) : [];
  return { round, vehicleName: vehicle?.name ?? round.vehicleId, depot, positions, paths, credit: travel.credit };
}
