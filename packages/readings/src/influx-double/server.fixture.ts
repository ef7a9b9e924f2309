import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { runFlux, tablesOf, toCsv, type FluxRow, type Table } from './flux.fixture.ts';
import { parseLine, type ParsedPoint } from './line-protocol.fixture.ts';

/** What a request meets; `store` says whether a write had its effect before. */
export type Fate =
  | { kind: 'answer'; status: number; body?: object; headers?: Record<string, string>; store?: boolean }
  | { kind: 'hang' }
  | { kind: 'reset'; store: boolean }
  | { kind: 'trickle'; everyMs: number };

/** A request as it came. */
export interface Seen {
  method: string;
  path: string;
  lines: number;
  isGzip: boolean;
  atMs: number;
}

/**
 * InfluxDB 2 as far as the adapter knows it: a real HTTP server that parses line protocol strictly, keeps what it took,
 * answers its Flux, and fails on command.
 */
export interface InfluxDouble {
  url: string;
  seen: Seen[];
  /** What the next requests of a path meet, one after the other; then all is well again. */
  fates(path: string, fates: Fate[]): void;
  /** What every request meets until told otherwise. */
  fateOfAll(fate: Fate | undefined): void;
  /** Refuses connections, at the same port, until `up`. */
  down(): Promise<void>;
  /** Listens again, at its first address unless given another. */
  up(address?: string): Promise<void>;
  /** Lines whose points a bucket no longer keeps, or never takes, get the server's own refusals. */
  refuse(rule: (point: ParsedPoint) => 'retention' | 'type' | 'syntax' | undefined): void;
  points(bucket: string): ParsedPoint[];
  close(): Promise<void>;
}

export const DOUBLE_TOKEN = 'double-token';
export const DOUBLE_ORG = 'city';

/** Starts a double on a free port of an address, the loopback one unless given. */
export async function startInfluxDouble(host = '127.0.0.1'): Promise<InfluxDouble> {
  const buckets = new Map<string, Bucket>();
  const waiting = new Map<string, Fate[]>();
  const seen: Seen[] = [];
  let all: Fate | undefined;
  let rule: Parameters<InfluxDouble['refuse']>[0] = () => undefined;
  const bucketOf = (name: string): Bucket => {
    const known = buckets.get(name) ?? { points: new Map(), types: new Map() };
    buckets.set(name, known);
    return known;
  };
  const server = createServer((request, response) => {
    void readBody(request).then(({ text, isGzip }) => {
      const url = new URL(request.url ?? '/', 'http://double');
      const lines = url.pathname === '/api/v2/write' ? text.split('\n').filter(Boolean).length : 0;
      seen.push({ method: request.method ?? '', path: url.pathname, lines, isGzip, atMs: performance.now() });
      const fate = url.pathname === '/ping' ? all : (waiting.get(url.pathname)?.shift() ?? all);
      const effect = (): Answer => serve(url, text, request, { bucketOf, rule });
      meet(fate, { request, response, effect });
    });
  });
  const listen = async (port: number, address = host): Promise<void> => {
    server.listen(port, address);
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    url: `influxdb+http://${host}:${port}`,
    seen,
    fates: (path, fates) => void waiting.set(path, [...(waiting.get(path) ?? []), ...fates]),
    fateOfAll: (fate) => void (all = fate),
    down,
    up: (address) => listen(port, address),
    refuse: (next) => void (rule = next),
    points: (bucket) => [...bucketOf(bucket).points.values()],
    close: down,
  };
}

async function readBody(request: IncomingMessage): Promise<{ text: string; isGzip: boolean }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const isGzip = request.headers['content-encoding'] === 'gzip';
  const body = Buffer.concat(chunks);
  return { text: (isGzip ? gunzipSync(body) : body).toString('utf8'), isGzip };
}

interface Answer {
  status: number;
  body?: object | string;
}

function meet(
  fate: Fate | undefined,
  { request, response, effect }: { request: IncomingMessage; response: ServerResponse; effect: () => Answer },
): void {
  if (!fate) return answer(response, effect());
  if (fate.kind === 'hang') return;
  if (fate.kind === 'trickle') {
    response.writeHead(200, { 'content-type': 'text/csv' });
    const timer = setInterval(() => response.write(' '), fate.everyMs);
    response.on('close', () => clearInterval(timer));
    return;
  }
  if (fate.kind === 'reset') {
    if (fate.store) effect();
    request.socket.resetAndDestroy();
    return;
  }
  if (fate.store) effect();
  answer(response, fate);
}

function answer(
  response: ServerResponse,
  { status, body, headers = {} }: Answer & { headers?: Record<string, string> },
): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    ...headers,
  });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}

interface Bucket {
  points: Map<string, ParsedPoint>;
  types: Map<string, string>;
  /** Laid out for queries until the next change. */
  tables?: Table[] | undefined;
}
type Store = {
  bucketOf: (name: string) => Bucket;
  rule: Parameters<InfluxDouble['refuse']>[0];
};

function serve(url: URL, text: string, request: IncomingMessage, store: Store): Answer {
  if (url.pathname === '/ping') return { status: 204 };
  if (request.headers.authorization !== `Token ${DOUBLE_TOKEN}`)
    return { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } };
  if (url.searchParams.get('org') !== DOUBLE_ORG)
    return { status: 404, body: { code: 'not found', message: 'organization name not found' } };
  const bucket = url.searchParams.get('bucket') ?? '';
  switch (url.pathname) {
    case '/api/v2/write':
      return url.searchParams.get('precision') === 'ms'
        ? write(text, store.bucketOf(bucket), store.rule)
        : { status: 400 };
    case '/api/v2/delete':
      return remove(JSON.parse(text) as Deletion, store.bucketOf(bucket));
    case '/api/v2/query':
      return query((JSON.parse(text) as { query: string }).query, store);
    default:
      return { status: 404, body: { code: 'not found', message: 'path not found' } };
  }
}

/** A line that cannot be read refuses all of them; a point that cannot be kept only itself. */
function write(text: string, bucket: Bucket, rule: Store['rule']): Answer {
  let parsed: ParsedPoint[];
  try {
    parsed = text.split('\n').filter(Boolean).map(parseLine);
    if (parsed.some((point) => rule(point) === 'syntax')) throw new Error("unable to parse 'a line': invalid number");
  } catch (error) {
    return { status: 400, body: { code: 'invalid', message: (error as Error).message } };
  }
  bucket.tables = undefined;
  let beyond = 0;
  let conflicts = 0;
  for (const point of parsed) {
    const conflict = [...point.types].some(
      ([field, type]) => (bucket.types.get(`${point.measurement} ${field}`) ?? type) !== type,
    );
    const refusal = conflict ? 'type' : rule(point);
    if (refusal === 'retention') beyond += 1;
    else if (refusal === 'type') conflicts += 1;
    else keep(bucket, point);
  }
  if (conflicts > 0)
    return partial(
      `partial write: field type conflict: input field "value" is type string, already exists as type float dropped=${conflicts}`,
    );
  return beyond > 0 ? partial(`partial write: points beyond retention policy dropped=${beyond}`) : { status: 204 };
}

function partial(why: string): Answer {
  return { status: 422, body: { code: 'unprocessable entity', message: `failure writing points to database: ${why}` } };
}

function keep({ points, types }: Bucket, point: ParsedPoint): void {
  for (const [field, type] of point.types) types.set(`${point.measurement} ${field}`, type);
  const key = `${point.measurement} ${JSON.stringify([...point.tags].sort())} ${point.atMs}`;
  const known = points.get(key);
  // a point that comes again takes over field by field
  points.set(key, known ? { ...point, fields: new Map([...known.fields, ...point.fields]) } : point);
}

interface Deletion {
  start: string;
  stop: string;
  predicate: string;
}

function remove({ start, stop, predicate }: Deletion, bucket: Bucket): Answer {
  bucket.tables = undefined;
  const wanted = predicate.split(' AND ').map((part) => tagOf(part));
  for (const [key, { measurement, tags, atMs }] of bucket.points) {
    const matches = wanted.every(([tag, value]) => (tag === '_measurement' ? measurement : tags.get(tag)) === value);
    if (matches && atMs >= Date.parse(start) && atMs <= Date.parse(stop)) bucket.points.delete(key);
  }
  return { status: 204 };
}

function tagOf(part: string): [tag: string, value: string] {
  const [, tag = '', value = ''] = /^(\w+)="((?:[^"\\]|\\.)*)"$/.exec(part) ?? [];
  return [tag, value.replace(/\\(.)/g, '$1')];
}

function query(text: string, { bucketOf }: Store): Answer {
  try {
    return { status: 200, body: toCsv(runFlux(text, (name) => tablesIn(bucketOf(name)))) };
  } catch (error) {
    return { status: 400, body: { code: 'invalid', message: (error as Error).message } };
  }
}

function tablesIn(bucket: Bucket): Table[] {
  bucket.tables ??= tablesOf([...bucket.points.values()].flatMap(rowsOf));
  return bucket.tables;
}

function rowsOf({ measurement, tags, fields, atMs }: ParsedPoint): FluxRow[] {
  return [...fields].map(([field, value]) => ({
    _time: atMs,
    _measurement: measurement,
    ...Object.fromEntries(tags),
    _field: field,
    _value: value,
  }));
}
