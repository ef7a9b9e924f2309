import { Readable } from 'node:stream';
import { z } from 'zod';
import { Id, Instant, QuantityName, pageOf, type Page, type Role } from '@ronde/contracts';
import { allow, type HttpReply } from '@ronde/kit';
import { OBSERVERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { csvLine } from '../csv.ts';
import { faultOf, refuse } from '../faults.ts';
import type { RouteDeps } from './context.ts';
import { shownDevice } from './device-records.ts';
import { spanOf } from './readings.ts';

const PAGE = 1000;
const Query = z.object({
  format: z.enum(['csv', 'geojson', 'jsonl']).default('csv'),
  from: Instant.optional(),
  to: Instant.optional(),
  assetId: Id.optional(),
  deviceId: Id.optional(),
  quantity: QuantityName.optional(),
});
type Query = z.infer<typeof Query>;
const Offer = z.object({ id: z.string(), href: z.string(), formats: z.array(Query.shape.format.unwrap()) });
type Row = Record<string, unknown>;
const MEDIA = { csv: 'text/csv; charset=utf-8', geojson: 'application/geo+json', jsonl: 'application/jsonl' };

/** One exportable collection. CSV headers are the API's field names; a point becomes `lat` and `lon`. */
interface ExportKind {
  kind: string;
  roles: Role[];
  columns: string[];
  rows(tenant: string, query: Query): AsyncGenerator<Row>;
}

/** Adds `GET /v1/exports`, and `/v1/exports/{kind}`: streamed, page by page, so that a big city costs no memory. */
export function addExports(deps: RouteDeps): void {
  addOffers(deps);
  for (const { kind, roles, columns, rows } of exportKinds(deps)) {
    deps.http.get(`/v1/exports/${kind}`, {
      preHandler: allow(...roles),
      schema: {
        summary: `Export ${kind} as CSV, JSON Lines${kind === 'assets' ? ' or GeoJSON' : ''}`,
        querystring: Query,
      },
      handler: async (request, reply) => {
        const { format } = request.query;
        refuse([
          format === 'geojson' && kind !== 'assets'
            ? faultOf('format', `${kind} have no geometry; use csv or jsonl`)
            : undefined,
        ]);
        spanOf(request.query, deps.clock.nowMs());
        const source = rows(request.principal.tenant, request.query);
        return sendRows(reply, {
          file: `${kind}.${format}`,
          media: MEDIA[format],
          text: LINES[format](source, columns),
        });
      },
    });
  }
}

function addOffers(deps: RouteDeps): void {
  deps.http.get('/v1/exports', {
    preHandler: allow(...OBSERVERS),
    schema: { summary: 'List what the caller may export, and in which formats', response: { 200: pageOf(Offer) } },
    handler: async ({ principal }) => ({
      items: exportKinds(deps)
        .filter(({ roles }) => roles.includes(principal.role))
        .map(({ kind }) => ({
          id: kind,
          href: `/v1/exports/${kind}`,
          formats: ['csv' as const, 'jsonl' as const, ...(kind === 'assets' ? ['geojson' as const] : [])],
        })),
    }),
  });
}

function exportKinds(deps: RouteDeps): ExportKind[] {
  return [
    {
      kind: 'assets',
      roles: OBSERVERS,
      rows: (tenant) => assetRows(deps, tenant),
      columns: [
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
      ],
    },
    {
      kind: 'devices',
      roles: STAFF,
      rows: (tenant) => deviceRows(deps, tenant),
      columns: [
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
        'expectedIntervalS',
        'tags',
        'hasKeys',
        'createdAt',
      ],
    },
    {
      kind: 'readings',
      roles: OBSERVERS,
      rows: (tenant, query) => readingRows(deps, tenant, query),
      columns: [
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
      ],
    },
  ];
}

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

async function* readingRows(deps: ApiDeps, tenant: string, query: Query): AsyncGenerator<Row> {
  const { assetId, deviceId, quantity } = query;
  const filter = { ...(assetId && { assetId }), ...(deviceId && { deviceId }), ...(quantity && { quantity }) };
  const span = { tenant, ...spanOf(query, deps.clock.nowMs()), ...filter };
  yield* paged(({ cursor, limit }) =>
    deps.readings.series({ ...span, limit, ...(cursor !== undefined && { after: cursor }) }),
  ) as AsyncGenerator<unknown> as AsyncGenerator<Row>;
}

async function* paged<T>(read: (page: { limit: number; cursor?: string }) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let cursor: string | undefined; ;) {
    const page = await read({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    yield* page.items;
    cursor = page.next;
    if (cursor === undefined) return;
  }
}

const LINES: Record<Query['format'], (rows: AsyncGenerator<Row>, columns: string[]) => AsyncGenerator<string>> = {
  async *csv(rows, columns) {
    yield csvLine(columns);
    for await (const row of rows) yield csvLine(columns.map((column) => row[column]));
  },
  async *jsonl(rows) {
    for await (const row of rows) yield `${JSON.stringify(row)}\n`;
  },
  async *geojson(rows) {
    yield '{"type":"FeatureCollection","features":[';
    let separator = '';
    for await (const { lat, lon, id, ...properties } of rows) {
      yield (
        separator +
        JSON.stringify({ type: 'Feature', id, geometry: { type: 'Point', coordinates: [lon, lat] }, properties })
      );
      separator = ',\n';
    }
    yield ']}';
  },
};

function sendRows(reply: HttpReply, answer: { file: string; media: string; text: AsyncGenerator<string> }): HttpReply {
  return reply
    .type(answer.media)
    .header('content-disposition', `attachment; filename="${answer.file}"`)
    .send(Readable.from(inChunks(answer.text)));
}

/** Joins lines into chunks: one write per line would cost a system call each. */
async function* inChunks(lines: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  const CHUNK = 32 * 1024;
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
