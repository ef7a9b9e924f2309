import { z } from 'zod';
import {
  CrewEvent,
  CrewEventAck,
  type Fault,
  Forecast,
  Id,
  PageQuery,
  Plan,
  PlanInput,
  Round,
  RoundChange,
  RoundLine,
  RondeError,
  StoredCrewEvent,
  pageOf,
} from '@ronde/contracts';
import { allow, refuse, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { CrewEvents } from './crew-events.ts';
import type { Travel } from '@ronde/travel';
import { addRoundFileRoutes } from './round-file-routes.ts';
import { addMoveRoutes } from './move-routes.ts';
import type { Moves } from './moves.ts';
import type { PlanRecords } from './plan-records.ts';
import { addPlanRecordRoutes } from './plan-routes.ts';
import type { Planner } from './planner.ts';
import type { RoundLines } from './round-line.ts';

const ReadersOfRounds = ['viewer', 'crew', 'operator', 'engineer', 'admin'] as const;
const MAX_PLAN_MS = 36 * 3_600_000;
const IdParams = z.object({ id: Id });
const RoundVersion = z.object({
  id: z.string(),
  roundId: Id,
  version: z.number().int(),
  at: z.string(),
  round: Round,
  changes: z.array(RoundChange),
});

export interface RouteDeps {
  registry: Registry;
  tenant: string;
  planner: Planner;
  records: Pick<PlanRecords, 'detail' | 'replay'>;
  events: CrewEvents;
  travel: Travel;
  moves: Moves;
  lines: RoundLines;
  forecastOf(assetId: string): Promise<Forecast | undefined>;
}

/** Adds the REST routes of plans, rounds, forecasts and crew events. */
export function addRoutes(http: HttpServer, deps: RouteDeps): void {
  addPlanRoutes(http, deps);
  addPlanRecordRoutes(http, deps);
  addMoveRoutes(http, deps);
  addRoundFileRoutes(http, deps);
  addRoundRoutes(http, deps);
  addCrewEventRoutes(http, deps);
  http.get(
    '/v1/assets/:id/forecast',
    {
      preHandler: allow('viewer', 'operator', 'engineer', 'admin'),
      schema: {
        tags: ['forecasts'],
        summary: 'Expected fill of an asset',
        params: IdParams,
        response: { 200: Forecast },
      },
    },
    async (request) => {
      const found = request.principal.tenant === deps.tenant ? await deps.forecastOf(request.params.id) : undefined;
      return found ?? unknown(`no forecast for asset ${request.params.id}: it is not known or has no readings yet`);
    },
  );
}

function addPlanRoutes(http: HttpServer, { registry, planner, tenant }: RouteDeps): void {
  http.post(
    '/v1/plans',
    {
      preHandler: allow('operator', 'admin'),
      schema: { tags: ['plans'], summary: 'Plan rounds now', body: PlanInput, response: { 202: Plan } },
    },
    async (request, reply) => {
      const { from, to, vehicleIds } = request.body;
      if (request.principal.tenant !== tenant) return unknown('nothing is planned here for this tenant');
      const faults = await planFaults(registry, request.principal.tenant, request.body);
      refuse(faults);
      const { plan } = await planner.request({
        cause: 'request',
        fromMs: Date.parse(from),
        toMs: Date.parse(to),
        vehicleIds,
      });
      return reply.status(202).header('location', `/v1/plans/${plan.id}`).send(plan);
    },
  );
  http.get(
    '/v1/plans',
    {
      preHandler: allow('viewer', 'operator', 'engineer', 'admin'),
      schema: {
        tags: ['plans'],
        summary: 'Plans, newest first',
        querystring: PageQuery,
        response: { 200: pageOf(Plan) },
      },
    },
    async (request) => registry.plans.list(request.principal.tenant, { ...request.query, descending: true }),
  );
  http.get(
    '/v1/plans/:id',
    {
      preHandler: allow('viewer', 'operator', 'engineer', 'admin'),
      schema: { tags: ['plans'], summary: 'One plan', params: IdParams, response: { 200: Plan } },
    },
    async (request) =>
      (await registry.plans.get(request.principal.tenant, request.params.id)) ??
      unknown(`no plan ${request.params.id}`),
  );
}

async function planFaults(registry: Registry, tenant: string, input: PlanInput): Promise<Fault[]> {
  const faults: Fault[] = [];
  const add = (field: string, message: string, remedy: string): void => {
    faults.push({ field, code: 'INPUT_INVALID', message, remedy });
  };
  const spanMs = Date.parse(input.to) - Date.parse(input.from);
  if (spanMs <= 0) add('to', 'must be after from', 'exchange the two, or give a later moment');
  if (spanMs > MAX_PLAN_MS) add('to', 'must be at most 36 hours after from', 'plan the days one by one');
  const known = new Set((await registry.vehicles.all(tenant)).map(({ id }) => id));
  input.vehicleIds?.forEach((id, index) => {
    if (!known.has(id)) add(`vehicleIds.${index}`, `there is no vehicle "${id}"`, 'GET /v1/vehicles lists them');
  });
  return faults;
}

function addRoundRoutes(http: HttpServer, { registry, lines, tenant }: RouteDeps): void {
  const query = PageQuery.extend({
    status: z.enum(['published', 'active', 'done', 'cancelled']).optional(),
    vehicleId: Id.optional(),
    crewId: Id.optional(),
    planId: Id.optional(),
  });
  http.get(
    '/v1/rounds',
    {
      preHandler: allow(...ReadersOfRounds),
      schema: {
        tags: ['rounds'],
        summary: 'Rounds, newest first',
        querystring: query,
        response: { 200: pageOf(Round) },
      },
    },
    async (request) => {
      const { limit, cursor, ...given } = request.query;
      const { principal } = request;
      // a crew sees its own rounds only
      const where = { ...given, ...(principal.role === 'crew' && { crewId: principal.crewId ?? '' }) };
      const filled = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
      return registry.rounds.list(principal.tenant, { limit, cursor, where: filled, descending: true });
    },
  );
  const find = async (
    principal: { tenant: string; role: string; crewId?: string | undefined },
    id: string,
  ): Promise<Round> => {
    const round = await registry.rounds.get(principal.tenant, id);
    if (!round || (principal.role === 'crew' && round.crewId !== principal.crewId)) return unknown(`no round ${id}`);
    return round;
  };
  http.get(
    '/v1/rounds/:id',
    {
      preHandler: allow(...ReadersOfRounds),
      schema: { tags: ['rounds'], summary: 'One round', params: IdParams, response: { 200: Round } },
    },
    async (request) => find(request.principal, request.params.id),
  );
  http.get(
    '/v1/rounds/:id/line',
    {
      preHandler: allow(...ReadersOfRounds),
      schema: {
        tags: ['rounds'],
        summary: 'The streets a round runs over, leg by leg',
        params: IdParams,
        response: { 200: RoundLine },
      },
    },
    async ({ principal, params }) => {
      const round = await find(principal, params.id);
      return principal.tenant === tenant ? lines.of(round) : unknown(`no round ${params.id}`);
    },
  );
  http.get(
    '/v1/rounds/:id/versions',
    {
      preHandler: allow('operator', 'admin'),
      schema: {
        tags: ['rounds'],
        summary: 'Every version of a round with its changes',
        params: IdParams,
        response: { 200: z.object({ items: z.array(RoundVersion) }) },
      },
    },
    async (request) => {
      await find(request.principal, request.params.id);
      return { items: await registry.roundVersions.all(request.principal.tenant, { roundId: request.params.id }) };
    },
  );
}

function addCrewEventRoutes(http: HttpServer, { registry, events, tenant }: RouteDeps): void {
  http.post(
    '/v1/crew-events',
    {
      preHandler: allow('crew', 'operator', 'admin'),
      schema: {
        tags: ['crew events'],
        summary: 'Report what a crew did or found',
        body: CrewEvent,
        response: { 200: CrewEventAck },
      },
    },
    async (request) => {
      const { role, crewId, tenant: own } = request.principal;
      if (own !== tenant)
        return {
          id: request.body.id,
          status: 'rejected' as const,
          fault: `round ${request.body.roundId} is not known`,
        };
      return events.take(request.body, role === 'crew' ? (crewId ?? '') : null);
    },
  );
  const query = PageQuery.extend({ roundId: Id.optional(), assetId: Id.optional() });
  http.get(
    '/v1/crew-events',
    {
      preHandler: allow('operator', 'engineer', 'admin'),
      schema: {
        tags: ['crew events'],
        summary: 'Crew events, newest first',
        querystring: query,
        response: { 200: pageOf(StoredCrewEvent) },
      },
    },
    async (request) => {
      const { limit, cursor, roundId, assetId } = request.query;
      const where = { ...(roundId && { roundId }), ...(assetId && { assetId }) };
      return registry.crewEvents.list(request.principal.tenant, { limit, cursor, where, descending: true });
    },
  );
}

function unknown(message: string): never {
  throw new RondeError('RESOURCE_UNKNOWN', message);
}
