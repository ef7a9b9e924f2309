import type { Page, Problem } from '@ronde/contracts';
import { token } from './session.ts';

export type Answer<T> =
  { ok: true; value: T; location: string | undefined; etag: string | undefined } | { ok: false; problem: Problem };

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Sent as JSON; a file goes as it is. */
  body?: unknown;
  /** Makes a write safe to repeat. */
  idempotencyKey?: string;
  /** The entity tag of what the write is meant for; another one is refused. */
  ifMatch?: string;
  signal?: AbortSignal;
}

/** Calls the REST API. A refusal and an unreachable server are answers, never throws; the text is the server's own. */
export async function call<T>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
  return answer(path, options, (response) => bodyOf(response) as Promise<T>);
}

/** Reads what is no JSON, such as a file to save. */
export async function callForFile(path: string): Promise<Answer<Blob>> {
  return answer(path, {}, (response) => response.blob());
}

async function answer<T>(
  path: string,
  options: CallOptions,
  read: (response: Response) => Promise<T>,
): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method: options.method ?? 'GET',
      headers: {
        accept: 'application/json, application/problem+json, */*;q=0.5',
        ...(token.value && { authorization: `Bearer ${token.value}` }),
        ...(options.body !== undefined && { 'content-type': typeOf(options.body) }),
        ...(options.idempotencyKey && { 'idempotency-key': options.idempotencyKey }),
        ...(options.ifMatch && { 'if-match': options.ifMatch }),
      },
      ...(options.body !== undefined && {
        body: options.body instanceof Blob ? options.body : JSON.stringify(options.body),
      }),
      ...(options.signal && { signal: options.signal }),
    });
    if (!response.ok) return { ok: false, problem: asProblem(await bodyOf(response), response.status) };
    const [location, etag] = ['location', 'etag'].map((name) => response.headers.get(name) ?? undefined);
    return { ok: true, value: await read(response), location, etag };
  } catch (cause) {
    return { ok: false, problem: unreachable(cause) };
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** Reads a whole list page by page; `onPage` sees each page as it comes, so that a screen fills from the top. */
export async function listAll<T>(
  path: string,
  onPage: (items: T[]) => void,
  signal?: AbortSignal,
): Promise<Answer<void>> {
  const url = new URL(path, location.origin);
  url.searchParams.set('limit', '1000');
  for (;;) {
    const page = await call<Page<T>>(url.pathname + url.search, { ...(signal && { signal }) });
    if (!page.ok) return page;
    onPage(page.value.items);
    if (!page.value.next) return { ok: true, value: undefined, location: undefined, etag: undefined };
    url.searchParams.set('cursor', page.value.next);
  }
}

function typeOf(body: unknown): string {
  return body instanceof Blob ? body.type || 'application/octet-stream' : 'application/json';
}

function asProblem(body: unknown, status: number): Problem {
  if (body && typeof body === 'object' && 'detail' in body) return body as Problem;
  return { type: 'about:blank', title: 'error', status, detail: `HTTP ${status}`, code: 'INTERNAL', remedy: '' };
}

/** Code of a call that never reached a server, beside the server's own codes. */
export const UNREACHABLE = 'UNREACHABLE';

function unreachable(cause: unknown): Problem {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return { type: 'about:blank', title: 'unreachable', status: 0, detail, code: UNREACHABLE, remedy: '' };
}
