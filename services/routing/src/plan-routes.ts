import { z } from 'zod';
import { Id, LeftOut, PlanRecordDetail, PlanReplay, RondeError } from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import type { PlanRecords } from './plan-records.ts';

const IdParams = z.object({ id: Id });

/** Adds the routes that read plans back: what they rest on, all they left out, and the same search once more. */
export function addPlanRecordRoutes(
  http: HttpServer,
  { records, tenant }: { records: Pick<PlanRecords, 'detail' | 'replay'>; tenant: string },
): void {
  const ours = <T>(own: string, found: T | undefined, id: string): T => {
    if (own === tenant && found !== undefined) return found;
    throw new RondeError('RESOURCE_UNKNOWN', `no record of plan ${id}: it is older than those kept (PLAN_RECORDS)`);
  };
  const preHandler = allow('operator', 'engineer', 'admin');
  http.get(
    '/v1/plans/:id/record',
    {
      preHandler,
      schema: {
        tags: ['plans'],
        summary: 'All that a plan rests on: problem, seed, cooling, iterations, what it kept, solution',
        params: IdParams,
        response: { 200: PlanRecordDetail },
      },
    },
    async ({ params, principal }) => ours(principal.tenant, await records.detail(params.id), params.id),
  );
  http.get(
    '/v1/plans/:id/left-out',
    {
      preHandler,
      schema: {
        tags: ['plans'],
        summary: 'Every asset that a plan left out, each with its reason',
        params: IdParams,
        response: { 200: z.object({ items: z.array(LeftOut) }) },
      },
    },
    async ({ params, principal }) => {
      const { leftOut } = ours(principal.tenant, await records.detail(params.id), params.id);
      return { items: leftOut };
    },
  );
  http.post(
    '/v1/plans/:id/replays',
    {
      preHandler: allow('operator', 'engineer', 'admin'),
      schema: {
        tags: ['plans'],
        summary: 'Solve a kept plan again, the same way, and compare; nothing is published',
        params: IdParams,
        response: { 200: PlanReplay },
      },
    },
    async ({ params, principal }) =>
      ours(principal.tenant, principal.tenant === tenant ? await records.replay(params.id) : undefined, params.id),
  );
}
