/** Why a network gave no answer that can be used. */
export interface NetworkFault {
  /** The same question may be answered later. */
  retriable: boolean;
  detail: string;
  /** HTTP status, where there was one. */
  status?: number | undefined;
  /** How long the network wants to be left alone (Retry-After). */
  retryAfterMs?: number | undefined;
}

export interface NetworkRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Fields of a form, in place of `body`. */
  form?: Record<string, string>;
  /** Longest answer that is read, {@link ANSWER_LIMIT} unless given; a longer one is a fault, never cut. */
  maxBytes?: number;
}

/** Calls APIs outside; bounded in time and size, never following an answer to another host. */
export interface NetworkHttp {
  /** How long an answer is waited for, over HTTP and whatever else a network speaks. */
  readonly timeoutMs: number;
  call(request: NetworkRequest): Promise<{ ok: true; body: unknown } | ({ ok: false } & NetworkFault)>;
}

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 256 * 1024;

/** Creates the caller of networks' APIs. Answers are read as JSON where they are. */
export function createNetworkHttp(fetcher: typeof fetch = fetch, timeoutMs = TIMEOUT_MS): NetworkHttp {
  return {
    timeoutMs,
    async call(request) {
      try {
        const answer = await fetcher(request.url, {
          ...initOf(request),
          // a redirect would carry the key to a host that nobody named
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        const text = await textOf(answer, request.maxBytes ?? ANSWER_LIMIT);
        if (text === undefined) return { ok: false, retriable: false, detail: 'the network answers more than fits' };
        return answer.ok ? { ok: true, body: parse(text) } : { ok: false, ...faultOf(answer, text) };
      } catch (thrown) {
        return { ok: false, retriable: true, detail: `the network does not answer: ${causeOf(thrown)}` };
      }
    },
  };
}

function initOf({ method, headers = {}, body, form }: NetworkRequest): RequestInit {
  const accept = { accept: 'application/json' };
  if (form) return { method, headers: { ...accept, ...headers }, body: new URLSearchParams(form) };
  if (body === undefined) return { method, headers: { ...accept, ...headers } };
  return {
    method,
    headers: { ...accept, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

async function textOf({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += (part as Uint8Array).length;
    if (bytes > maxBytes) return undefined;
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Says what an answer other than 2xx means. */
export function faultOf({ status, headers }: Pick<Response, 'status' | 'headers'>, text: string): NetworkFault {
  const retryAfterMs = retryAfterOf(headers.get('retry-after'));
  return {
    retriable: status === 408 || status === 429 || status >= 500,
    detail: `the network answered ${status}: ${text.slice(0, 200)}`,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Gives the innermost message of what a call threw. */
export function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'no answer';
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
