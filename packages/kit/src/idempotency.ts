import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RondeError } from '@ronde/contracts';
import { refuse } from './problem.ts';

/** A stored answer; `body` is JSON `{headers, body}`. */
export interface StoredAnswer {
  key: string;
  method: string;
  path: string;
  bodyHash: string;
  status: number;
  body: string;
  atMs: number;
}

/** Where answers to calls with an Idempotency-Key are kept (the registry has one). */
export interface IdempotencyStore {
  find(tenant: string, key: string): Promise<StoredAnswer | undefined>;
  remember(tenant: string, record: StoredAnswer): Promise<unknown>;
}

interface Holder {
  use?: { store: IdempotencyStore; nowMs: () => number };
  /** Calls under way by tenant and key; a second one waits for the first. */
  running: Map<string, Promise<void>>;
}
interface Pending {
  holder: Holder;
  tenant: string;
  key: string;
  bodyHash: string;
  release: () => void;
}

/** Answers are kept this long; they may hold a new secret, so not longer than a client could sensibly retry. */
export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;
const KEPT_HEADERS = ['content-type', 'location', 'etag'];
const holders = new WeakMap<object, Holder>();
const pendings = new WeakMap<FastifyRequest, Pending>();

/** Prepares a server for keyed writes; without `useIdempotency` keys are accepted and ignored. */
export function prepareIdempotency(server: FastifyInstance): void {
  holders.set(server.server, { running: new Map() });
}

/** Makes the server keep and repeat answers of writes that carry an Idempotency-Key. */
export function useIdempotency(server: { server: object }, store: IdempotencyStore, nowMs: () => number): void {
  const holder = holders.get(server.server);
  if (holder) holder.use = { store, nowMs };
}

/** Before the handler: repeats an earlier answer, or claims the key. */
export async function claimKey(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const holder = holders.get(request.server.server);
  const header = request.headers['idempotency-key'];
  if (header === undefined || !holder?.use || !request.principal) return undefined;
  const fits = typeof header === 'string' && header.length >= 1 && header.length <= 255;
  refuse([
    fits ? undefined : { field: 'Idempotency-Key', code: 'INPUT_INVALID', message: 'must be 1 to 255 characters' },
  ]);
  const { tenant, tokenId } = request.principal;
  // keys of different tokens never meet: an answer may hold a secret that only its maker may read again
  const pending = { holder, tenant, key: `${tokenId}:${header}`, bodyHash: hashOf(request.body) };
  const slot = `${tenant} ${pending.key}`;
  while (holder.running.has(slot)) await holder.running.get(slot);
  let release = (): void => undefined;
  holder.running.set(slot, new Promise((resolve) => (release = resolve)));
  const free = (): void => {
    holder.running.delete(slot);
    release();
  };
  try {
    const earlier = await holder.use.store.find(tenant, pending.key);
    if (earlier && holder.use.nowMs() - earlier.atMs < IDEMPOTENCY_TTL_MS) {
      free();
      return repeat(request, reply, { earlier, bodyHash: pending.bodyHash });
    }
  } catch (error) {
    free();
    throw error;
  }
  pendings.set(request, { ...pending, release: free });
  return undefined;
}

/** Before the answer leaves: keeps it when it is final, and lets waiting calls go on. */
export async function keepAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const pending = pendings.get(request);
  if (!pending) return payload;
  pendings.delete(request);
  try {
    const { use } = pending.holder;
    if (
      use &&
      isFinal(reply.statusCode) &&
      (typeof payload === 'string' || payload === undefined || payload === null)
    ) {
      const headers = Object.fromEntries(
        KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, reply.getHeader(name)]] : [])),
      );
      await use.store.remember(pending.tenant, {
        key: pending.key,
        method: request.method,
        path: pathOf(request),
        bodyHash: pending.bodyHash,
        status: reply.statusCode,
        body: JSON.stringify({ headers, body: payload ?? '' }),
        atMs: use.nowMs(),
      });
    }
  } finally {
    pending.release();
  }
  return payload;
}

function repeat(
  request: FastifyRequest,
  reply: FastifyReply,
  found: { earlier: StoredAnswer; bodyHash: string },
): FastifyReply {
  const { earlier, bodyHash } = found;
  if (earlier.method !== request.method || earlier.path !== pathOf(request) || earlier.bodyHash !== bodyHash) {
    throw new RondeError('IDEMPOTENCY_CONFLICT', 'this Idempotency-Key was used for another call');
  }
  const { headers, body } = JSON.parse(earlier.body) as { headers: Record<string, string>; body: string };
  return reply.status(earlier.status).headers(headers).header('idempotency-replayed', 'true').send(body);
}

// faults of our side and refusals that pass (401, 403, 408, 429) may end otherwise next time
function isFinal(status: number): boolean {
  return status < 500 && ![401, 403, 408, 429].includes(status);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0]!;
}

function hashOf(body: unknown): string {
  // a file that was sent as the body, as it is: written out as JSON it would be many times its size
  const content = body instanceof Uint8Array ? body : (JSON.stringify(body) ?? '');
  return createHash('sha256').update(content).digest('base64url');
}
