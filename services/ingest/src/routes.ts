import { z } from 'zod';
import { DEAD_LETTER_CODES, DeadLetter, Id, PageQuery, ReplayResult, RondeError, pageOf } from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { Replayer } from './replay.ts';

export interface RouteParts {
  registry: Pick<Registry, 'deadLetters'>;
  replayer: Replayer;
}

const staff = allow('operator', 'engineer', 'admin');
const params = z.object({ id: Id });
const ListQuery = PageQuery.extend({
  status: DeadLetter.shape.status.optional(),
  code: z.enum(DEAD_LETTER_CODES).optional(),
  deviceId: Id.optional(),
});
/** Adds the routes about what could not be read. */
export function addRoutes(http: HttpServer, { registry, replayer }: RouteParts): void {
  http.get(
    '/v1/dead-letters',
    {
      preHandler: staff,
      schema: {
        tags: ['dead letters'],
        summary: 'List dead letters, the newest first',
        querystring: ListQuery,
        response: { 200: pageOf(DeadLetter) },
      },
    },
    async ({ principal, query }) => {
      const { limit, cursor, ...wanted } = query;
      const where = Object.fromEntries(
        Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
      return registry.deadLetters.list(principal.tenant, { limit, cursor, where, descending: true });
    },
  );

  http.get(
    '/v1/dead-letters/:id',
    {
      preHandler: staff,
      schema: {
        tags: ['dead letters'],
        summary: 'Show a dead letter with its raw bytes',
        params,
        response: { 200: DeadLetter },
      },
    },
    async ({ principal, params: { id } }) => letterOf(registry, principal.tenant, id),
  );

  http.post(
    '/v1/dead-letters/:id/replay',
    {
      preHandler: staff,
      schema: {
        tags: ['dead letters'],
        summary: 'Handle the frame of a dead letter again',
        params,
        response: { 200: ReplayResult },
      },
    },
    async ({ principal, params: { id } }) => replayer.deadLetter(principal.tenant, id),
  );

  http.post(
    '/v1/dead-letters/:id/discard',
    {
      preHandler: staff,
      schema: {
        tags: ['dead letters'],
        summary: 'Put a dead letter aside for good',
        params,
        response: { 200: DeadLetter },
      },
    },
    async ({ principal, params: { id } }) => {
      const discarded: DeadLetter = { ...(await letterOf(registry, principal.tenant, id)), status: 'discarded' };
      await registry.deadLetters.put(principal.tenant, discarded);
      return discarded;
    },
  );
}

async function letterOf(registry: RouteParts['registry'], tenant: string, id: string): Promise<DeadLetter> {
  const letter = await registry.deadLetters.get(tenant, id);
  if (!letter) throw new RondeError('RESOURCE_UNKNOWN', `no dead letter ${id}`);
  return letter;
}
