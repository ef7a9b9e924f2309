import { setTimeout as sleep } from 'node:timers/promises';
import { RondeError } from '@ronde/contracts';

/** A routing server over HTTP. */
export interface HttpClient {
  /**
   * Sends a request and gives the JSON answered, also of a refusal (4xx), which the caller reads.
   * @throws RondeError TRAVEL_UNREACHABLE when the server does not answer, or not in JSON, after all attempts
   */
  json(path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Runs pieces of work, some at a time, in order. */
  all<T>(work: (() => Promise<T>)[]): Promise<T[]>;
  close(): void;
}

export interface HttpClientOptions {
  /** Name for messages. */
  server: string;
  base: URL;
  timeoutMs?: number;
  /** Waits between attempts; tests put a quick one here. */
  wait?: (ms: number) => Promise<unknown>;
}

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
const AT_ONCE = 4;

/** Gives a client that tries again when a server is away, overloaded or in trouble. */
export function createHttpClient({ server, base, timeoutMs = 30_000, wait = sleep }: HttpClientOptions): HttpClient {
  const abort = new AbortController();
  const where = `${server} at ${base.origin}`;

  const attempt = async (path: string, body: unknown): Promise<Response> => {
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(timeoutMs)]);
    const url = `${base.href.replace(/\/$/, '')}${path}`;
    if (body === undefined) return fetch(url, { signal });
    const headers = { 'content-type': 'application/json' };
    return fetch(url, { method: 'POST', body: JSON.stringify(body), headers, signal });
  };
  const json: HttpClient['json'] = async (path, body) => {
    let trouble = '';
    for (let tried = 0; tried < ATTEMPTS; tried++) {
      let waitMs = FIRST_WAIT_MS * 2 ** tried;
      try {
        const response = await attempt(path, body);
        if (response.status < 500 && response.status !== 429)
          return { status: response.status, body: await read(response) };
        trouble = `answers ${response.status}`;
        waitMs = retryAfterMs(response) ?? waitMs;
        await response.body?.cancel();
      } catch (error) {
        if (abort.signal.aborted) throw new RondeError('TRAVEL_UNREACHABLE', `${where}: closed`);
        trouble = reasonOf(error);
      }
      if (tried + 1 < ATTEMPTS) await wait(Math.min(waitMs, LONGEST_WAIT_MS));
    }
    throw new RondeError(
      'TRAVEL_UNREACHABLE',
      `${where} ${trouble}, ${ATTEMPTS} times; start it, or correct TRAVEL_URL`,
    );
  };
  return {
    json,
    async all(work) {
      const results = work.map(() => undefined as never);
      let next = 0;
      const run = async (): Promise<void> => {
        for (let index = next++; index < work.length; index = next++) results[index] = (await work[index]!()) as never;
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, work.length) }, run));
      return results;
    },
    close: () => abort.abort(),
  };
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`answers no JSON (${response.status}, "${text.slice(0, 60)}"): is it the right server?`);
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return 'does not answer in time';
  return cause ? `cannot be reached (${cause.code ?? cause.message})` : message;
}
