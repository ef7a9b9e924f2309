import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpError, InfluxDB, setLogger, type ParameterizedQuery } from '@influxdata/influxdb-client';
import { RondeError } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import { createBreaker } from './breaker.ts';

export interface ConnectionOptions {
  url: string;
  token: string;
  org: string;
  bucket: string;
  log: Logger;
  /** Until a request has its whole answer. */
  timeoutMs?: number;
}

/** Why lines were refused, and how many of them when the server told. */
export interface LinesRefused {
  reason: string;
  dropped: number | undefined;
}

/** One InfluxDB 2, or another server that takes line protocol at /api/v2/write. */
export interface Connection {
  readonly org: string;
  readonly bucket: string;
  /**
   * Sends lines in one request and resolves once they are stored.
   * @returns why the server refuses some or all of them for good; nothing when it took them
   * @throws RondeError READINGS_UNREACHABLE for everything that another try may mend, the configuration among it
   */
  write(lines: string[]): Promise<LinesRefused | undefined>;
  /** Takes points away: those of a measurement with these tags, in one millisecond. */
  remove(measurement: string, tags: Record<string, string>, atMs: number): Promise<void>;
  /** Takes all points of a measurement away. */
  removeAll(measurement: string): Promise<void>;
  query<Row>(query: ParameterizedQuery): Promise<Row[]>;
  /** Asks whether the server answers at all. */
  ping(): Promise<void>;
  /** Why the server is not used at this moment; undefined while it is. */
  trouble(): string | undefined;
  close(): void;
}

const TIMEOUT_MS = 10_000;
const SOCKETS = 8;
const EVER = { start: '1970-01-01T00:00:00Z', stop: '2262-04-11T00:00:00Z' };
// Answers of the server that no repetition changes; 413 is told by its size, and halves of it may pass.
const REFUSALS = new Set([400, 413, 422]);
const CONFIGURATION = new Set([401, 403, 404]);

/** Connects to an InfluxDB; nothing is sent yet. */
export function createConnection(options: ConnectionOptions): Connection {
  const { url, token, org, bucket, log, timeoutMs = TIMEOUT_MS } = options;
  // every failure is thrown to the caller; the client's own lines would go past our log
  setLogger({ error: () => undefined, warn: () => undefined });
  const Agent = url.startsWith('https:') ? HttpsAgent : HttpAgent;
  // of their own each, so that queries that hang never stand before a batch
  const clientWith = (agent: HttpAgent): InfluxDB =>
    new InfluxDB({ url, token, timeout: timeoutMs, transportOptions: { agent } });
  const writing = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const reading = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const writer = clientWith(writing);
  const queries = clientWith(reading).getQueryApi({ org });
  const breaker = createBreaker({ log });

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    breaker.check();
    try {
      const value = await withDeadline(work(), timeoutMs);
      breaker.succeeded();
      return value;
    } catch (thrown) {
      if (isRefusal(thrown)) {
        breaker.succeeded();
        throw thrown;
      }
      // sockets of requests that nobody waits for any more must not pile up
      if (thrown instanceof Overdue) writing.destroy();
      throw breaker.failed(explain(thrown, options), retryAfterMs(thrown));
    }
  }

  async function query<Row>(text: ParameterizedQuery): Promise<Row[]> {
    // one slow query must not hold writes up, so it opens nothing; a server that takes no writes is not asked either
    breaker.check();
    try {
      return await withDeadline(queries.collectRows<Row>(text), timeoutMs);
    } catch (thrown) {
      if (thrown instanceof Overdue) reading.destroy();
      throw explain(thrown, options);
    }
  }

  const post = (path: string, body: object): Promise<void> =>
    writer.transport.request(path, body, { method: 'POST' }) as Promise<void>;
  const place = `org=${encodeURIComponent(org)}&bucket=${encodeURIComponent(bucket)}`;

  async function removePoints(tags: Record<string, string>, span: { start: string; stop: string }): Promise<void> {
    const equal = Object.entries(tags).map(([key, value]) => `${key}="${escapeQuotes(value)}"`);
    await guarded(() => post(`/api/v2/delete?${place}`, { ...span, predicate: equal.join(' AND ') })).catch(
      unreachable,
    );
  }

  return {
    org,
    bucket,
    trouble: breaker.trouble,
    async write(lines) {
      if (lines.length === 0) return undefined;
      // above our own batch: the client would otherwise send parts in the background and lose their failures
      const limits = { batchSize: lines.length + 1, maxBatchBytes: Number.MAX_SAFE_INTEGER };
      const api = writer.getWriteApi(org, bucket, 'ms', { ...limits, maxRetries: 0, flushInterval: 0 });
      try {
        await guarded(() => {
          api.writeRecords(lines);
          return api.flush();
        });
        return undefined;
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        const reason = `InfluxDB ${thrown.statusCode}: ${thrown.message}`.slice(0, 500);
        return { reason, dropped: droppedOf(thrown.message) };
      }
    },
    remove(measurement, tags, atMs) {
      const at = new Date(atMs).toISOString();
      return removePoints({ _measurement: measurement, ...tags }, { start: at, stop: at });
    },
    removeAll: (measurement) => removePoints({ _measurement: measurement }, EVER),
    query,
    ping: () => guarded(() => writer.transport.request('/ping', '', { method: 'GET' }) as Promise<void>),
    close() {
      writing.destroy();
      reading.destroy();
    },
  };
}

/** Predicates have no parameters: what ends a text early is escaped. */
function escapeQuotes(text: string): string {
  return text.replace(/[\\"]/g, (found) => `\\${found}`);
}

/** A removal of ours that the server refuses is our fault or its version's, never the data's. */
function unreachable(thrown: unknown): never {
  if (!isRefusal(thrown)) throw thrown;
  throw new RondeError('READINGS_UNREACHABLE', `InfluxDB ${thrown.statusCode}: ${thrown.message}`, { cause: thrown });
}

function isRefusal(thrown: unknown): thrown is HttpError {
  return thrown instanceof HttpError && REFUSALS.has(thrown.statusCode);
}

/** "partial write: points beyond retention policy dropped=3", as InfluxDB words it. */
function droppedOf(message: string): number | undefined {
  const found = /\bdropped=(\d+)/.exec(message);
  return found ? Number(found[1]) : undefined;
}

/** Retry-After is in seconds; the client hands the header on as it is. */
function retryAfterMs(thrown: unknown): number {
  return thrown instanceof HttpError ? thrown.retryAfter() * 1000 : 0;
}

function explain(thrown: unknown, { url, org, bucket }: ConnectionOptions): RondeError {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  const status = thrown instanceof HttpError ? thrown.statusCode : undefined;
  const hint =
    status === undefined || !CONFIGURATION.has(status)
      ? ''
      : status === 404
        ? `; is there a bucket "${bucket}" in the organisation "${org}"? "ronde influx setup" makes it`
        : '; does INFLUX_TOKEN read and write the bucket? "ronde influx setup" makes one that does';
  const message = `InfluxDB at ${new URL(url).host}: ${status === undefined ? '' : `${status} `}${text}${hint}`;
  return new RondeError('READINGS_UNREACHABLE', message, { cause: thrown });
}

class Overdue extends Error {}

/** The client's own time limit ends with the first byte and begins anew with each: a slow trickle would pass it. */
async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overdue(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
