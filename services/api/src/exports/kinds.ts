import { z } from 'zod';
import { Id, Instant, QuantityName, type Page, type Role } from '@ronde/contracts';
import { OBSERVERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import type { RouteDeps } from '../routes/context.ts';
import { shownDevice } from '../routes/device-records.ts';
import { spanOf } from '../routes/readings.ts';
import { FORMATS, type Row } from './formats.ts';

const PAGE = 1000;
export const ExportQuery = z.object({
  format: z.enum(FORMATS).default('csv'),
  from: Instant.optional(),
  to: Instant.optional(),
  assetId: Id.optional(),
  deviceId: Id.optional(),
  quantity: QuantityName.optional(),
});
export type ExportQuery = z.infer<typeof ExportQuery>;

/** One exportable collection. Headings are the API's field names; a point becomes `lat` and `lon`. */
export interface ExportKind {
  kind: string;
  roles: Role[];
  columns: string[];
  rows(tenant: string, query: ExportQuery): AsyncGenerator<Row>;
}

export function exportKinds(deps: RouteDeps): ExportKind[] {
  return [
    { kind: 'assets', roles: OBSERVERS, rows: (tenant) => assetRows(deps, tenant), columns: ASSET_COLUMNS },
    { kind: 'devices', roles: STAFF, rows: (tenant) => deviceRows(deps, tenant), columns: DEVICE_COLUMNS },
    {
      kind: 'readings',
      roles: OBSERVERS,
      rows: (tenant, query) => readingRows(deps, tenant, query),
      columns: READING_COLUMNS,
    },
  ];
}

const ASSET_COLUMNS = [
  'id',
  'kind',
  'name',
  'lat',
  'lon',
  'chambers',
  'areaId',
  'address',
  'accessNote',
  'liftType',
  'serviceTimeS',
  'timeWindows',
  'fill',
  'at',
  'quality',
  'silent',
  // new columns come last: sheets and scripts read by place
  'maxDwellDays',
  'needs',
  'craneReachM',
  'liftWeightKg',
];
const DEVICE_COLUMNS = [
  'id',
  'typeId',
  'name',
  'status',
  'devEui',
  'imei',
  'networkId',
  'serialNumber',
  'joinEui',
  'integrationId',
  'assetId',
  'chamber',
  'emptyDistanceM',
  'fullDistanceM',
  'offsetM',
  'angleDeg',
  'shape',
  'expectedIntervalS',
  'tags',
  'hasKeys',
  'createdAt',
];
const READING_COLUMNS = [
  'at',
  'receivedAt',
  'deviceId',
  'assetId',
  'chamber',
  'quantity',
  'value',
  'unit',
  'quality',
  'flags',
  'typeVersion',
  'uplinkId',
];

async function* assetRows(deps: RouteDeps, tenant: string): AsyncGenerator<Row> {
  await deps.states.ready(tenant);
  for await (const { geometry, ...asset } of paged((page) => deps.registry.assets.list(tenant, page))) {
    const [lon, lat] = geometry.coordinates;
    yield { ...asset, lat, lon, ...deps.states.stateOf(tenant, asset.id) };
  }
}

async function* deviceRows(deps: ApiDeps, tenant: string): AsyncGenerator<Row> {
  for await (const record of paged((page) => deps.registry.devices.list(tenant, page))) {
    const { externalIds, mounting, ...device } = shownDevice(record);
    yield { ...device, ...externalIds, ...mounting };
  }
}

async function* readingRows(deps: ApiDeps, tenant: string, query: ExportQuery): AsyncGenerator<Row> {
  const { assetId, deviceId, quantity } = query;
  const filter = { ...(assetId && { assetId }), ...(deviceId && { deviceId }), ...(quantity && { quantity }) };
  const span = { tenant, ...spanOf(query, deps.clock.nowMs()), ...filter };
  yield* paged(({ cursor, limit }) =>
    deps.readings.series({ ...span, limit, ...(cursor !== undefined && { after: cursor }) }),
  ) as AsyncGenerator<unknown> as AsyncGenerator<Row>;
}

/** Walks a list page by page, so that a big city costs no memory. */
export async function* paged<T>(
  read: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  for (let cursor: string | undefined; ;) {
    const page = await read({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    yield* page.items;
    cursor = page.next;
    if (cursor === undefined) return;
  }
}
