import { Readable } from 'node:stream';
import type { HttpReply } from '@ronde/kit';
import { csvLine } from '../csv.ts';
import { xlsxOf } from '../xlsx.ts';

export type Row = Record<string, unknown>;
export const FORMATS = ['csv', 'geojson', 'jsonl', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

const MEDIA: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8',
  geojson: 'application/geo+json',
  jsonl: 'application/jsonl',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};
const CHUNK = 32 * 1024;

/** Sends rows in a format: streamed, but for a workbook, whose directory stands at its end. */
export async function sendRows(
  reply: HttpReply,
  file: { name: string; format: Format; columns: string[]; rows: AsyncGenerator<Row> },
): Promise<HttpReply> {
  const { name, format, columns, rows } = file;
  const content =
    format === 'xlsx' ? await xlsxOf(cellsOf(rows, columns)) : Readable.from(inChunks(LINES[format](rows, columns)));
  return reply
    .type(MEDIA[format])
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .send(content);
}

/** Sends lines of text under a name of their own. */
export function sendText(
  reply: HttpReply,
  file: { name: string; media: string; lines: AsyncGenerator<string> },
): HttpReply {
  return reply
    .type(file.media)
    .header('content-disposition', `attachment; filename="${file.name}"`)
    .send(Readable.from(inChunks(file.lines)));
}

const LINES: Record<
  Exclude<Format, 'xlsx'>,
  (rows: AsyncGenerator<Row>, columns: string[]) => AsyncGenerator<string>
> = {
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

async function* cellsOf(rows: AsyncGenerator<Row>, columns: string[]): AsyncGenerator<unknown[]> {
  yield columns;
  for await (const row of rows) yield columns.map((column) => row[column]);
}

/** Joins lines into chunks: one write per line would cost a system call each. */
async function* inChunks(lines: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
