import { z } from 'zod';
import {
  Id,
  Instant,
  PageQuery,
  QuantityName,
  Reading,
  RollupPoint,
  RollupStep,
  pageOf,
  type Fault,
} from '@ronde/contracts';
import { allow, refuse } from '@ronde/kit';
import { OBSERVERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { faultOf, found } from '../faults.ts';
import { IdParams } from './documents.ts';

const DAY_MS = 86_400_000;
const SeriesQuery = PageQuery.extend({
  quantity: QuantityName.optional(),
  chamber: Id.optional(),
  from: Instant.optional().describe('First moment; absent = one day before `to`'),
  to: Instant.optional().describe('First moment not included; absent = now'),
  step: RollupStep.optional().describe('Rolled up per hour or day (UTC): {from, min, max, mean, count}'),
  order: z.enum(['asc', 'desc']).default('asc'),
});
type SeriesQuery = z.infer<typeof SeriesQuery>;
const Series = z.union([pageOf(Reading), pageOf(RollupPoint)]);
/** Whose series. */
type Subject = { tenant: string } & ({ assetId: string } | { deviceId: string });

/** Adds the series of assets and devices. */
export function addReadings(deps: ApiDeps): void {
  deps.http.get('/v1/assets/:id/readings', {
    preHandler: allow(...OBSERVERS),
    schema: {
      summary: 'Readings of an asset, oldest first',
      params: IdParams,
      querystring: SeriesQuery,
      response: { 200: Series },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      found(await deps.registry.assets.get(tenant, id), 'asset', id);
      return seriesOf(deps, { tenant, assetId: id }, request.query);
    },
  });
  deps.http.get('/v1/devices/:id/readings', {
    preHandler: allow(...OBSERVERS),
    schema: {
      summary: 'Readings of a device, oldest first',
      params: IdParams,
      querystring: SeriesQuery,
      response: { 200: Series },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      found(await deps.registry.devices.get(tenant, id), 'device', id);
      return seriesOf(deps, { tenant, deviceId: id }, request.query);
    },
  });
}

/** Reads the span of a query; refuses one that ends before it starts. */
export function spanOf(
  query: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
): { fromMs: number; toMs: number } {
  const toMs = query.to === undefined ? nowMs + 1 : Date.parse(query.to);
  const fromMs = query.from === undefined ? toMs - DAY_MS : Date.parse(query.from);
  const fault: Fault | undefined = fromMs > toMs ? faultOf('from', 'must not be after "to"') : undefined;
  refuse([fault]);
  return { fromMs, toMs };
}

async function seriesOf({ readings, clock }: ApiDeps, subject: Subject, query: SeriesQuery) {
  const span = {
    ...subject,
    ...spanOf(query, clock.nowMs()),
    ...(query.chamber !== undefined && { chamber: query.chamber }),
  };
  if (query.step)
    return { items: await readings.rollup({ ...span, quantity: query.quantity ?? 'fill', step: query.step }) };
  return readings.series({
    ...span,
    limit: query.limit,
    descending: query.order === 'desc',
    ...(query.quantity && { quantity: query.quantity }),
    ...(query.cursor !== undefined && { after: query.cursor }),
  });
}
