import type { Poll } from '@ronde/contracts';
import { isRecord } from '../sources/parsed.ts';
import { valueAt } from '../sources/vendor-cloud.ts';

/** Gives the items of an answer; undefined when there is no array where the integration says. */
export function itemsOf(body: unknown, poll: Pick<Poll, 'items'>): unknown[] | undefined {
  const found = valueAt(body, poll.items);
  return Array.isArray(found) ? (found as unknown[]) : undefined;
}

/** Gives the address of the first page, asking only for what is newer than `sinceMs` where the vendor can. */
export function firstPage(url: string, poll: Poll, sinceMs: number | undefined): URL {
  const address = new URL(url);
  if (poll.paging.kind === 'page') address.searchParams.set(poll.paging.parameter, String(poll.paging.first));
  if (poll.since && sinceMs !== undefined)
    address.searchParams.set(poll.since.parameter, written(sinceMs, poll.since.format));
  return address;
}

/** Gives the address of the page after an answer; undefined after the last one. A page on another host is never asked for. */
export function nextPage(current: URL, poll: Poll, body: unknown, items: readonly unknown[]): URL | undefined {
  const { paging } = poll;
  if (paging.kind === 'none') return undefined;
  if (paging.kind === 'page') {
    if (items.length === 0) return undefined;
    const next = new URL(current);
    const page = Number(current.searchParams.get(paging.parameter) ?? paging.first);
    next.searchParams.set(paging.parameter, String(page + 1));
    return next;
  }
  const told = isRecord(body) ? valueAt(body, paging.field) : undefined;
  if ((typeof told !== 'string' && typeof told !== 'number') || told === '') return undefined;
  if (paging.kind === 'cursor') {
    const next = new URL(current);
    next.searchParams.set(paging.parameter, String(told));
    return next.href === current.href ? undefined : next;
  }
  const next = URL.parse(String(told), current);
  return next && next.origin === current.origin && next.href !== current.href ? next : undefined;
}

function written(atMs: number, format: 'iso' | 's' | 'ms'): string {
  if (format === 'iso') return new Date(atMs).toISOString();
  return String(format === 's' ? Math.floor(atMs / 1000) : atMs);
}
