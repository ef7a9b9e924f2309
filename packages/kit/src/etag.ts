import { createHash } from 'node:crypto';
import { RondeError } from '@ronde/contracts';
import type { HttpReply, HttpRequest } from './http.ts';

/**
 * Gives an entity tag. The part before the dot stands for what people write, the part after it for live state: a
 * write with If-Match is refused only when somebody else wrote, not because a sensor reported meanwhile.
 */
export function etagOf(written: unknown, live?: unknown): string {
  return `"${digest(written)}${live === undefined ? '' : `.${digest(live)}`}"`;
}

/** Sends a document with its tag, or 304 when the caller has it. */
export function sendTagged(request: HttpRequest, reply: HttpReply, answer: { etag: string; body: unknown }): unknown {
  void reply.header('etag', answer.etag).header('cache-control', 'private, no-cache');
  const known = listOf(request.headers['if-none-match']);
  if (known.includes('*') || known.some((tag) => tag.replace(/^W\//, '') === answer.etag))
    return reply.status(304).send();
  return answer.body;
}

/** Refuses a write whose If-Match names another version of what people wrote. */
export function checkMatch(request: HttpRequest, current: unknown): void {
  const wanted = listOf(request.headers['if-match']);
  if (wanted.length === 0 || wanted.includes('*')) return;
  const mine = writtenPart(etagOf(current));
  if (!wanted.some((tag) => writtenPart(tag) === mine))
    throw new RondeError('VERSION_CONFLICT', 'the resource changed since it was read');
}

function writtenPart(tag: string): string {
  return tag.replaceAll('"', '').split('.')[0]!;
}

function listOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
}
