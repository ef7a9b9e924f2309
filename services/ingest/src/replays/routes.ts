import { z } from 'zod';
import {
  DifferenceQuery,
  Id,
  PageQuery,
  ReadingDifference,
  Replay,
  ReplayInput,
  ReplayStatus,
  RondeError,
  pageOf,
} from '@ronde/contracts';
import { allow, type HttpRequest, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { pageDifferences } from './differences.ts';
import type { Replays } from './replays.ts';

const staff = allow('operator', 'engineer', 'admin');
const engineers = allow('engineer', 'admin');
const tags = ['replays'];
const params = z.object({ id: Id });
const ListQuery = PageQuery.extend({ status: ReplayStatus.optional() });

export interface ReplayRouteParts {
  replays: Replays;
  registry: Pick<Registry, 'replayDifferences' | 'replays'>;
  tenant: string;
}

/** Adds the routes about reading raw frames again. */
export function addReplayRoutes(http: HttpServer, parts: ReplayRouteParts): void {
  addReads(http, parts);
  addSteps(http, parts);
}

function addReads(http: HttpServer, { replays, registry, tenant }: ReplayRouteParts): void {
  http.get(
    '/v1/replays',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'List replays, the newest first',
        querystring: ListQuery,
        response: { 200: pageOf(Replay) },
      },
    },
    async (request) => {
      const { limit, cursor, status } = own(request, tenant).query;
      return registry.replays.list(tenant, { limit, cursor, ...(status && { where: { status } }), descending: true });
    },
  );
  http.get(
    '/v1/replays/:id',
    {
      preHandler: staff,
      schema: { tags, summary: 'Read a replay with its progress and differences', params, response: { 200: Replay } },
    },
    async (request) => replays.get(own(request, tenant).params.id),
  );
  http.get(
    '/v1/replays/:id/differences',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'Page through the readings that differ, of the newest replays and the first 20,000 of each',
        params,
        querystring: DifferenceQuery,
        response: { 200: pageOf(ReadingDifference) },
      },
    },
    async (request) => {
      const { params: of, query } = own(request, tenant);
      const { id: replayId } = await replays.get(of.id);
      return pageDifferences(registry, tenant, { replayId, query });
    },
  );
}

function addSteps(http: HttpServer, { replays, tenant }: ReplayRouteParts): void {
  http.post(
    '/v1/replays',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary:
          'Decode stored raw frames again: tell what differs, then, unless it is a dry run, correct what is stored',
        body: ReplayInput,
        response: { 202: Replay },
      },
    },
    async (request, reply) => {
      const { body, principal } = own(request, tenant);
      const replay = await replays.create(body, { by: principal.tokenId });
      void reply.status(202).header('location', `/v1/replays/${replay.id}`);
      return replay;
    },
  );
  http.post(
    '/v1/replays/:id/apply',
    {
      preHandler: engineers,
      schema: { tags, summary: 'Apply a dry run, or go on with what was cancelled', params, response: { 202: Replay } },
    },
    async (request, reply) => {
      void reply.status(202);
      return replays.apply(own(request, tenant).params.id, request.principal.tokenId);
    },
  );
  http.post(
    '/v1/replays/:id/cancel',
    {
      preHandler: engineers,
      schema: { tags, summary: 'End a replay after the stretch in hand', params, response: { 202: Replay } },
    },
    async (request, reply) => {
      void reply.status(202);
      return replays.cancel(own(request, tenant).params.id);
    },
  );
}

/** Replays are the installation's own; other tenants see none. */
function own<R extends { principal: HttpRequest['principal'] }>(request: R, tenant: string): R {
  if (request.principal.tenant !== tenant) throw new RondeError('RESOURCE_UNKNOWN', 'no such replay');
  return request;
}
