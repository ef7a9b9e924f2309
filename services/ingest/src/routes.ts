import { z } from 'zod';
import {
  DEAD_LETTER_CODES,
  DeadLetter,
  Id,
  Instant,
  PageQuery,
  ReplayResult,
  RondeError,
  pageOf,
} from '@ronde/contracts';
import { allow, type Clock, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { Replayer } from './replay.ts';
import { SpanResult } from './span-result.ts';

export interface RouteParts {
  registry: Pick<Registry, 'deadLetters'>;
  replayer: Replayer;
  clock: Clock;
}

const staff = allow('operator', 'engineer', 'admin');
const params = z.object({ id: Id });
const ListQuery = PageQuery.extend({
  status: DeadLetter.shape.status.optional(),
  code: z.enum(DEAD_LETTER_CODES).optional(),
  deviceId: Id.optional(),
});
const ReplayBody = z
  .object({
    deviceId: Id.optional(),
    typeId: Id.optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    dryRun: z.boolean().default(false),
  })
  .refine(({ deviceId, typeId, from }) => deviceId ?? typeId ?? from, {
    message: 'give deviceId, typeId or from',
    path: ['deviceId'],
  });

/** Adds the routes about what could not be read: dead letters, and reading raw frames again. */
export function addRoutes(http: HttpServer, { registry, replayer, clock }: RouteParts): void {
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

  http.post(
    '/v1/replays',
    {
      preHandler: staff,
      schema: {
        tags: ['replays'],
        summary: 'Read stored raw frames again and tell what differs',
        body: ReplayBody,
        response: { 200: SpanResult },
      },
    },
    async ({ principal, body }) =>
      replayer.span({
        tenant: principal.tenant,
        deviceId: body.deviceId,
        typeId: body.typeId,
        fromMs: body.from === undefined ? 0 : Date.parse(body.from),
        toMs: body.to === undefined ? clock.nowMs() + 1 : Date.parse(body.to),
        dryRun: body.dryRun,
      }),
  );
}

async function letterOf(registry: RouteParts['registry'], tenant: string, id: string): Promise<DeadLetter> {
  const letter = await registry.deadLetters.get(tenant, id);
  if (!letter) throw new RondeError('RESOURCE_UNKNOWN', `no dead letter ${id}`);
  return letter;
}
