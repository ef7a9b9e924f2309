/** Calls APIs outside; bounded in time and size, never following an answer to another host. */
export interface NetworkHttp {
  call(request: {
    method: 'GET' | 'POST' | 'DELETE';
    url: string;
    headers?: Record<string, string>;
    body?: unknown;
  }): Promise<{ ok: true; body: unknown } | { ok: false; retriable: boolean; detail: string }>;
}

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 256 * 1024;

/** Creates the caller of networks' APIs. Answers are read as JSON where they are; at most 256 KiB of them. */
export function createNetworkHttp(fetcher: typeof fetch = fetch): NetworkHttp {
  return {
    async call({ method, url, headers = {}, body }) {
      try {
        const answer = await fetcher(url, {
          method,
          headers: {
            accept: 'application/json',
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          // a redirect would carry the key to a host that nobody named
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const text = (await answer.text()).slice(0, ANSWER_LIMIT);
        if (answer.ok) return { ok: true, body: parse(text) };
        const retriable = answer.status === 408 || answer.status === 429 || answer.status >= 500;
        return { ok: false, retriable, detail: `the network answered ${answer.status}: ${text.slice(0, 200)}` };
      } catch (thrown) {
        const cause =
          thrown instanceof Error
            ? thrown.cause instanceof Error
              ? thrown.cause.message
              : thrown.message
            : 'no answer';
        return { ok: false, retriable: true, detail: `the network does not answer: ${cause}` };
      }
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
