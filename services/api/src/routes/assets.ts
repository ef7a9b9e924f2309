import { z } from 'zod';
import { Asset, AssetInput, AssetKind, AssetState, Id, type Fault, type Page, type PageQuery } from '@ronde/contracts';
import { ANYONE, OPERATORS } from '../access.ts';
import { faultOf, pageQuery } from '../faults.ts';
import type { RouteDeps } from './context.ts';
import { addDocuments } from './documents.ts';

const FILL_RANGE = /^(0(?:\.\d+)?|1(?:\.0+)?)?\.\.(0(?:\.\d+)?|1(?:\.0+)?)?$/;
const Filters = z.object({
  kind: AssetKind.optional(),
  areaId: Id.optional(),
  fill: z
    .string()
    .regex(FILL_RANGE, 'is a range such as 0.75.. or 0.2..0.5')
    .optional()
    .describe('Range of the latest fill, such as 0.75.. or 0.2..0.5'),
  silent: z.enum(['true', 'false']).optional().describe('Only assets whose sensor is (not) silent'),
  state: z
    .enum(['true', 'false'])
    .default('true')
    .describe('false leaves the live state out, so that the ETag only changes when somebody writes'),
});
type AssetQuery = PageQuery & z.infer<typeof Filters>;
const ListedAsset = Asset.extend({ state: AssetState.optional() });
type ListedAsset = z.infer<typeof ListedAsset>;

/** Adds assets with their latest state. */
export function addAssets(deps: RouteDeps): void {
  addDocuments<AssetInput, ListedAsset>(deps, {
    path: 'assets',
    noun: 'asset',
    kind: 'asset',
    collection: deps.registry.assets,
    input: AssetInput,
    output: ListedAsset,
    filters: Filters,
    read: ANYONE,
    write: OPERATORS,
    check: async (tenant, asset) => {
      const area = asset.areaId === undefined ? undefined : await deps.registry.areas.get(tenant, asset.areaId);
      return assetFaults(asset, (id) => area?.id === id);
    },
    live: (tenant, asset) => ({ state: deps.states.stateOf(tenant, asset.id) }),
    prepare: (tenant) => deps.states.ready(tenant),
    list: (tenant, query) => listAssets(deps, tenant, query as AssetQuery),
  });
}

async function listAssets(deps: RouteDeps, tenant: string, query: AssetQuery): Promise<Page<ListedAsset>> {
  const where = { ...(query.kind && { kind: query.kind }), ...(query.areaId && { areaId: query.areaId }) };
  const passes = stateFilter(query);
  const items: ListedAsset[] = [];
  let { cursor } = pageQuery(query);
  for (;;) {
    const page = await deps.registry.assets.list(tenant, {
      limit: query.limit - items.length,
      where,
      ...(cursor !== undefined && { cursor }),
    });
    for (const asset of page.items) {
      const state = deps.states.stateOf(tenant, asset.id);
      if (passes(state)) items.push(query.state === 'false' ? asset : { ...asset, state });
    }
    cursor = page.next;
    if (cursor === undefined) return { items };
    if (items.length >= query.limit) return { items, next: cursor };
  }
}

function stateFilter({ fill, silent }: AssetQuery): (state: AssetState) => boolean {
  const [low, high] = (fill ?? '..').split(/\.\.(?!\.)/).map((part) => (part === '' ? undefined : Number(part)));
  return (state) =>
    (silent === undefined || state.silent === (silent === 'true')) &&
    (fill === undefined || (state.fill !== null && state.fill >= (low ?? 0) && state.fill <= (high ?? 1)));
}

/** Gives every fault of an asset, besides those that the schema sees. */
export function assetFaults({ areaId, chambers }: AssetInput, hasArea: (id: string) => boolean): Fault[] {
  const ids = new Set(chambers.map((chamber) => chamber.id));
  return [
    areaId === undefined || hasArea(areaId)
      ? undefined
      : faultOf('areaId', `there is no area "${areaId}"`, 'add it first: POST /v1/areas'),
    ids.size === chambers.length ? undefined : faultOf('chambers', 'two chambers have the same id'),
  ].filter((fault) => fault !== undefined);
}
